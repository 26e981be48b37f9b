import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import { describe, test, type TestContext } from 'node:test'
import {
  CanBusClosed,
  CanFrameNotCarried,
  MalformedCanFrame,
  type CanFrame,
  type CanOpenOptions,
} from '../../../reference/ports/can-bus.js'
import { requireAllAccountedFor, type BurstSource } from './stalled-consumer.js'
import { classic, content, hear, requireArrival, type OpenTwoNodes, type TwoCanNodes } from './two-nodes.js'

const BURST_FRAMES = 500
const ROUND_TRIPS = 50
/** A bus that swallows a frame must not hold up the rest; emulated processors are slow. */
const TEST_MS = 120_000

export interface CanBusConformanceOptions {
  /**
   * Where the burst for a stalled consumer comes from. Left out where both nodes live in one thread, so that none of
   * them can run while the other stalls.
   */
  readonly burst?: BurstSource
  /** Lengths that remote requests ask for; 0, 4 and 8 unless told: for a bus that is known to spoil some. */
  readonly remoteLengths?: readonly number[]
}

/**
 * What every driver of the `CanBus` port must do; its figures are in the test's output. Call it in a test file of the
 * driver.
 * @param name the driver's, for the report
 */
export function canBusConformance(
  name: string,
  openTwoNodes: OpenTwoNodes,
  { burst, remoteLengths = [0, 4, 8] }: CanBusConformanceOptions = {},
): void {
  const withNodes = (
    title: string,
    run: (nodes: TwoCanNodes, t: TestContext) => Promise<void>,
    options: { readonly a?: CanOpenOptions; readonly b?: CanOpenOptions } = {},
  ) => {
    test(title, { timeout: TEST_MS }, async (t) => {
      const nodes = await openTwoNodes(options)
      try {
        await run(nodes, t)
      } finally {
        await nodes.close()
      }
    })
  }

  /** Frames that a driver either carries as they are, or refuses by name. */
  async function carriedOrRefused({ a, b }: TwoCanNodes, carried: boolean, frames: readonly CanFrame[]) {
    if (carried) return requireArrival(a, b, frames)
    for (const frame of frames) await assert.rejects(a.send(frame), CanFrameNotCarried)
    await requireArrival(a, b, [classic(1, [1])])
  }

  describe(`CanBus conformance: ${name}`, () => {
    withNodes('frames of 0 to 8 bytes arrive whole, both ways', async ({ a, b }, t) => {
      const { backEnd, timestamps } = a.features
      t.diagnostic(`${name}: back end ${backEnd}; time stamps: ${timestamps}`)
      const bytes = [0x00, 0xff, 0x80, 0x01, 0x7f, 0xaa, 0x55, 0xfe]
      const frames = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((length) =>
        classic(0x100 + length, bytes.slice(0, length)),
      )
      await requireArrival(a, b, frames)
      await requireArrival(b, a, frames)
    })

    withNodes('11-bit and 29-bit ids are told apart, also where the number is the same', async ({ a, b }) => {
      await requireArrival(a, b, [
        classic(0, [1]),
        classic(0x7ff, [2]),
        classic(0x7ff, [3], true),
        classic(0x800, [4], true),
        classic(0x1fffffff, [5], true),
      ])
    })

    withNodes('remote requests keep the length they ask for, or are refused', async (nodes) => {
      const request = (remoteLength: number, extended = false) => ({
        ...classic(0x321, [], extended),
        remote: true,
        remoteLength,
      })
      const requests = remoteLengths.flatMap((length) => [request(length), request(length, true)])
      await carriedOrRefused(nodes, nodes.a.features.remote, requests)
    })

    withNodes('CAN FD frames keep length and flags, or are refused', async (nodes) => {
      const lengths = [0, 1, 8, 12, 16, 20, 24, 32, 48, 64]
      const frames = lengths.map((length, i) => ({
        ...classic(
          0x200 + i,
          Array.from({ length }, (_, at) => (at * 37 + i) & 0xff),
          i % 2 === 1,
        ),
        fd: true,
        bitrateSwitch: i % 3 === 1,
        errorStateIndicator: i % 4 === 2,
      }))
      await carriedOrRefused(nodes, nodes.a.features.fd, frames)
    })

    withNodes('a classic and an FD frame of the same content are told apart', async ({ a, b }) => {
      if (!a.features.fd) return
      await requireArrival(a, b, [classic(0x50, [1, 2]), { ...classic(0x50, [1, 2]), fd: true }])
    })

    withNodes('length codes above 8 are kept, or refused', async (nodes) => {
      const eight = [1, 2, 3, 4, 5, 6, 7, 8]
      const frames = [9, 15].map((rawDlc) => ({ ...classic(0x123, eight), rawDlc }))
      await carriedOrRefused(nodes, nodes.a.features.rawDlc, frames)
    })

    withNodes(`a burst of ${BURST_FRAMES} frames arrives in order, without loss`, async ({ a, b }, t) => {
      const frames = Array.from({ length: BURST_FRAMES }, (_, i) =>
        classic(0x7f0 - (i % 16), [i >> 8, i & 0xff]),
      )
      const startedAt = performance.now()
      const heard = hear(b, frames.length)
      await Promise.all(frames.map((frame) => a.send(frame)))
      assert.deepEqual((await heard).map(content), frames.map(content))
      t.diagnostic(
        `${name}: ${Math.round((BURST_FRAMES * 1_000) / (performance.now() - startedAt))} frames/s in a burst`,
      )
      assert.deepEqual(b.lost, { frames: 0, exact: true })
    })

    withNodes('an answer follows a question', async ({ a, b }, t) => {
      const answers: Promise<void>[] = []
      b.onFrame(({ id, data }) => answers.push(b.send({ id: id + 1, extended: false, data })))
      const times: number[] = []
      for (let i = 0; i < ROUND_TRIPS; i++) {
        const startedAt = performance.now()
        const answer = hear(a, 1)
        await a.send(classic(0x700, [i]))
        assert.deepEqual((await answer).map(content), [content(classic(0x701, [i]))])
        times.push(performance.now() - startedAt)
      }
      // A bus may tell that a frame is out after the frame has been heard.
      await Promise.all(answers)
      times.sort((x, y) => x - y)
      const median = times[ROUND_TRIPS >> 1] ?? Number.NaN
      t.diagnostic(
        `${name}: round trip ${median.toFixed(2)} ms median, ${times.at(-1)?.toFixed(2)} ms longest`,
      )
    })

    withNodes('timestamps are whole microseconds that never run back', async ({ a, b }) => {
      const heard = hear(b, 20)
      for (let i = 0; i < 20; i++) await a.send(classic(0x40, [i]))
      const stamps = (await heard).map(({ timestampUs }) => timestampUs)
      assert.ok(stamps.every(Number.isSafeInteger), 'whole microseconds')
      assert.ok(stamps.every((stamp, i) => i === 0 || stamp >= (stamps[i - 1] as number)))
      assert.notEqual(stamps[0], stamps.at(-1), 'they tell times apart')
    })

    withNodes('a node does not hear its own frames', async ({ a, b }) => {
      const own: number[] = []
      a.onFrame(({ id }) => own.push(id))
      await requireArrival(a, b, [classic(0x111, [])])
      // The answer comes after anything that would have been echoed.
      await requireArrival(b, a, [classic(0x222, [])])
      assert.deepEqual(own, [0x222])
    })

    withNodes(
      'a node opened to receive its own frames hears each once, and marked',
      async ({ a, b }) => {
        const heardByA = hear(a, 3)
        await requireArrival(a, b, [classic(0x111, [1]), classic(0x112, [2], true)])
        await requireArrival(b, a, [classic(0x222, [])]).catch(() => undefined)
        const heard = await heardByA
        assert.deepEqual(
          heard.map(({ id, own = false }) => ({ id, own })),
          [
            { id: 0x111, own: true },
            { id: 0x112, own: true },
            { id: 0x222, own: false },
          ],
        )
      },
      { a: { receiveOwn: true } },
    )

    withNodes(
      'filters let in what any of them matches, format and all',
      async ({ a, b }) => {
        const heard = hear(b, 4)
        for (const frame of [
          classic(0x105, [1]),
          classic(0x105, [2], true),
          classic(0x106, [3]),
          classic(0x120, [4]),
          classic(0x12f, [5], true),
          classic(0x130, [6]),
          classic(0x7ff, [7]),
        ]) {
          await a.send(frame)
        }
        assert.deepEqual(
          (await heard).map(({ data }) => data[0]),
          [1, 4, 5, 7],
        )
      },
      {
        b: {
          filters: [
            { id: 0x105, mask: 0x7ff, extended: false },
            { id: 0x120, mask: 0x7f0 },
            { id: 0x7ff, mask: 0x7ff },
          ],
        },
      },
    )

    withNodes(
      'an inverted filter lets in the rest',
      async ({ a, b }) => {
        const heard = hear(b, 2)
        for (const id of [0x105, 0x106, 0x105, 0x107]) await a.send(classic(id, []))
        assert.deepEqual(
          (await heard).map(({ id }) => id),
          [0x106, 0x107],
        )
      },
      { b: { filters: [{ id: 0x105, mask: 0x7ff, extended: false, invert: true }] } },
    )

    withNodes(
      'an empty list of filters lets nothing in',
      async ({ a, b }) => {
        let heard = 0
        b.onFrame(() => heard++)
        await a.send(classic(0x1, []))
        // The answer comes after anything that would have been heard.
        await requireArrival(b, a, [classic(0x2, [])])
        assert.equal(heard, 0)
        assert.deepEqual(b.lost, { frames: 0, exact: true }, 'what is filtered out is not lost')
      },
      { b: { filters: [] } },
    )

    withNodes('a listener that has unsubscribed hears nothing more', async ({ a, b }) => {
      let heard = 0
      const unsubscribe = b.onFrame(() => heard++)
      await requireArrival(a, b, [classic(1, [])])
      unsubscribe()
      unsubscribe()
      await requireArrival(a, b, [classic(2, [])])
      assert.equal(heard, 1)
    })

    withNodes('a frame is taken for what its fields say when they are first read', async ({ a, b }) => {
      class Shifting {
        #reads = 0
        readonly extended = false
        readonly data = Uint8Array.of(1)
        // On the prototype, and beyond any id from the second time on.
        get id() {
          return this.#reads++ === 0 ? 0x155 : 0x7fff_ffff
        }
      }
      const heard = hear(b, 1)
      await a.send(new Shifting())
      assert.deepEqual((await heard).map(content), [content(classic(0x155, [1]))])
    })

    withNodes('malformed frames are refused, and the bus goes on', async ({ a, b }) => {
      for (const malformed of [
        classic(0x900, []),
        classic(-1, []),
        classic(0.5, []),
        classic(Number.NaN, []),
        classic(0x20000000, [], true),
        classic(1, Array<number>(9).fill(0)),
        { ...classic(1, Array<number>(9).fill(0)), fd: true },
        { ...classic(1, [1]), remote: true },
        { ...classic(1, []), remote: true, remoteLength: 9 },
        { ...classic(1, []), remote: true, fd: true },
        { ...classic(1, [1]), rawDlc: 9 },
        { ...classic(1, [1]), bitrateSwitch: true },
        ...[undefined, '1', 1n, {}, []].map((id) => ({ ...classic(1, []), id }) as unknown as CanFrame),
        ...[undefined, 'ff', [1], {}].map((data) => ({ ...classic(1, []), data }) as unknown as CanFrame),
        undefined as unknown as CanFrame,
        'frame' as unknown as CanFrame,
      ]) {
        await assert.rejects(a.send(malformed), MalformedCanFrame)
      }
      await requireArrival(a, b, [classic(1, [1])])
    })

    withNodes('a closed node sends and hears nothing', async ({ a, b }) => {
      let heard = 0
      a.onFrame(() => heard++)
      await a.close()
      await a.close()
      await assert.rejects(a.send(classic(1, [])), CanBusClosed)
      await b.send(classic(1, [])).catch(() => undefined)
      assert.equal(heard, 0)
    })

    if (burst) {
      test('no frame is lost in silence while the consumer stalls', { timeout: 180_000 }, (t) =>
        requireAllAccountedFor(name, openTwoNodes, burst, t),
      )
    }
  })
}
