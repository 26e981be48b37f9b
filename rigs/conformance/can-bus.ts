import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  CanBusClosed,
  MalformedCanFrame,
  type CanBus,
  type CanFrame,
  type ReceivedCanFrame,
} from '../../reference/ports/can-bus.js'

/** Two nodes of one driver on one bus, back to back. */
export interface TwoCanNodes {
  readonly a: CanBus
  readonly b: CanBus
  close(): Promise<void>
}

/** How long a frame may take from one node to the other before a test fails. */
const ARRIVAL_DEADLINE_MS = 20_000
const BURST_FRAMES = 500

const classic = (id: number, bytes: readonly number[], extended = false): CanFrame => ({
  id,
  extended,
  data: Uint8Array.from(bytes),
})

/** What of a frame must survive the wire. */
function content(frame: CanFrame) {
  const { id, extended, data, remote = false, remoteLength = 0 } = frame
  return { id, extended, data: [...data], remote, remoteLength }
}

/** The next `count` frames that a node hears. */
function hear(node: CanBus, count: number): Promise<ReceivedCanFrame[]> {
  return new Promise((resolve, reject) => {
    const frames: ReceivedCanFrame[] = []
    const finish = (outcome: () => void) => {
      clearTimeout(deadline)
      unsubscribe()
      outcome()
    }
    const deadline = setTimeout(
      () => finish(() => reject(new Error(`${frames.length} of ${count} frames came`))),
      ARRIVAL_DEADLINE_MS,
    )
    const unsubscribe = node.onFrame((frame) => {
      frames.push(frame)
      if (frames.length === count) finish(() => resolve(frames))
    })
  })
}

/** Sends frames from one node; the other must hear the same, in the same order. */
async function requireArrival(from: CanBus, to: CanBus, frames: readonly CanFrame[]): Promise<void> {
  const heard = hear(to, frames.length)
  for (const frame of frames) await from.send(frame)
  assert.deepEqual((await heard).map(content), frames.map(content))
}

/**
 * What every driver of the `CanBus` port must do. Call it in a test file of the driver.
 * @param name the driver's, for the report
 * @param makeTwoNodes opens two nodes on a bus of their own
 */
export function canBusConformance(name: string, makeTwoNodes: () => Promise<TwoCanNodes>): void {
  const withNodes = (title: string, run: (nodes: TwoCanNodes) => Promise<void>) => {
    test(title, async () => {
      const nodes = await makeTwoNodes()
      try {
        await run(nodes)
      } finally {
        await nodes.close()
      }
    })
  }

  describe(`CanBus conformance: ${name}`, () => {
    withNodes('frames of 0 to 8 bytes arrive whole, both ways', async ({ a, b }) => {
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

    withNodes('remote requests keep the length they ask for', async ({ a, b }) => {
      const request = (remoteLength: number) => ({ ...classic(0x321, []), remote: true, remoteLength })
      await requireArrival(a, b, [request(0), request(4), request(8)])
    })

    withNodes(`a burst of ${BURST_FRAMES} frames arrives in order, without loss`, async ({ a, b }) => {
      const burst = Array.from({ length: BURST_FRAMES }, (_, i) =>
        classic(0x7f0 - (i % 16), [i >> 8, i & 0xff]),
      )
      const heard = hear(b, burst.length)
      await Promise.all(burst.map((frame) => a.send(frame)))
      assert.deepEqual((await heard).map(content), burst.map(content))
      assert.equal(b.lostFrames, 0)
    })

    withNodes('timestamps are microseconds that never run back', async ({ a, b }) => {
      const heard = hear(b, 20)
      for (let i = 0; i < 20; i++) await a.send(classic(0x40, [i]))
      const stamps = (await heard).map(({ timestampUs }) => timestampUs)
      assert.ok(stamps.every(Number.isInteger), 'whole microseconds')
      assert.ok(stamps.every((stamp, i) => i === 0 || stamp >= (stamps[i - 1] as number)))
    })

    withNodes('a node does not hear its own frames', async ({ a, b }) => {
      const own: number[] = []
      a.onFrame(({ id }) => own.push(id))
      await requireArrival(a, b, [classic(0x111, [])])
      // The answer comes after anything that would have been echoed.
      await requireArrival(b, a, [classic(0x222, [])])
      assert.deepEqual(own, [0x222])
    })

    withNodes('a listener that has unsubscribed hears nothing more', async ({ a, b }) => {
      let heard = 0
      const unsubscribe = b.onFrame(() => heard++)
      await requireArrival(a, b, [classic(1, [])])
      unsubscribe()
      unsubscribe()
      await requireArrival(a, b, [classic(2, [])])
      assert.equal(heard, 1)
    })

    withNodes('malformed frames are refused, and the bus goes on', async ({ a, b }) => {
      for (const malformed of [
        classic(0x900, []),
        classic(-1, []),
        classic(0x20000000, [], true),
        classic(1, Array<number>(9).fill(0)),
        { ...classic(1, [1]), remote: true },
        { ...classic(1, []), remote: true, remoteLength: 9 },
        { ...classic(1, []), id: undefined } as unknown as CanFrame,
        { ...classic(1, []), id: '1' } as unknown as CanFrame,
        { ...classic(1, []), id: 1n } as unknown as CanFrame,
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
  })
}
