import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanLogEntry } from '../../../reference/can/can-log.js'
import { CanBusFault, CanFrameNotCarried, type CanFrame } from '../../../reference/ports/can-bus.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { wallReplayClock } from './replay-clock.js'
import { replay, type ReplayClock, type ReplayOptions } from './replay.js'

/** A clock that jumps to where it is awaited. */
class JumpingClock implements ReplayClock {
  us = 1_000_000
  nowUs = () => this.us
  async until(us: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.us = Math.max(this.us, us)
  }
}

const at = (timestampUs: number, id = 1, channel = 'can0'): CanLogEntry => ({
  timestampUs,
  channel,
  frame: { id, extended: false, data: new Uint8Array(0) },
})

async function play(entries: readonly CanLogEntry[], options: ReplayOptions = {}) {
  const clock = new JumpingClock()
  const sent: { readonly id: number; readonly us: number }[] = []
  const bus = {
    async send({ id }: CanFrame) {
      sent.push({ id, us: clock.us - 1_000_000 })
    },
  }
  return { figures: await replay(() => entries, bus, options, clock), sent }
}

const LOG = [at(5_000_000, 1), at(5_010_000, 2), at(5_010_250, 3), at(9_000_000, 4)]

test('frames go out with the pauses of the log, from the first on', async () => {
  const { sent, figures } = await play(LOG)
  assert.deepEqual(sent, [
    { id: 1, us: 0 },
    { id: 2, us: 10_000 },
    { id: 3, us: 10_250 },
    { id: 4, us: 4_000_000 },
  ])
  assert.deepEqual(figures, {
    sent: 4,
    notCarried: 0,
    errorFrames: 0,
    otherChannels: 0,
    loops: 1,
    worstLateUs: 0,
    meanLateUs: 0,
    tookUs: 4_000_000,
    aborted: false,
  })
})

test('the pauses are scaled by the speed, and long ones are cut', async () => {
  const times = async (options: ReplayOptions) => (await play(LOG, options)).sent.map(({ us }) => us)
  assert.deepEqual(await times({ speed: 2 }), [0, 5_000, 5_125, 2_000_000])
  assert.deepEqual(await times({ speed: 0.5 }), [0, 20_000, 20_500, 8_000_000])
  assert.deepEqual(await times({ gapLimitMs: 100 }), [0, 10_000, 10_250, 110_250])
  assert.deepEqual(await times({ speed: 'as-fast-as-possible' }), [0, 0, 0, 0])
})

test('other channels and error frames are left out and counted, but take their time', async () => {
  const entries: CanLogEntry[] = [
    at(0, 1),
    at(1_000, 2, 'can1'),
    { timestampUs: 2_000, channel: 'can0', errorFrame: { errorClass: 0x80, data: new Uint8Array(8) } },
    at(3_000, 3),
  ]
  const { sent, figures } = await play(entries, { channels: ['can0'] })
  assert.deepEqual(sent, [
    { id: 1, us: 0 },
    { id: 3, us: 3_000 },
  ])
  assert.deepEqual([figures.otherChannels, figures.errorFrames, figures.sent], [1, 1, 2])
})

test('a log is played as often as asked for; an empty one once', async () => {
  const { sent, figures } = await play([at(10, 1), at(20, 2)], { loops: 3 })
  assert.deepEqual(
    sent.map(({ id }) => id),
    [1, 2, 1, 2, 1, 2],
  )
  assert.equal(figures.loops, 3)
  assert.equal((await play([], { loops: Infinity })).figures.sent, 0)
})

for (const [what, log, options, times] of [
  ['a log of one id goes on with its period', [at(0), at(10), at(20)], {}, [0, 10, 20, 30, 40, 50]],
  [
    'with several ids, the first one keeps its period',
    [at(0, 1), at(3, 2), at(10, 1), at(13, 2)],
    {},
    [0, 3, 10, 13, 20, 23, 30, 33],
  ],
  [
    'where the first id comes once, the mean pause is the gap',
    [at(0, 1), at(5, 2), at(20, 3)],
    {},
    [0, 5, 20, 30, 35, 50],
  ],
  ['a lone frame has 1 s', [at(7)], {}, [0, 1_000_000]],
  ['the gap is what loopGapMs says', [at(7)], { loopGapMs: 0.25 }, [0, 250]],
  ['the gap is cut as pauses are', [at(7)], { gapLimitMs: 20 }, [0, 20_000]],
  ['the gap is scaled by the speed', [at(0), at(10)], { speed: 2 }, [0, 5, 10, 15]],
  ['as fast as possible there is none', [at(7)], { speed: 'as-fast-as-possible' }, [0, 0]],
] as const) {
  test(`at the seam of two loops: ${what}`, async () => {
    assert.deepEqual(
      (await play(log, { loops: 2, ...options })).sent.map(({ us }) => us),
      times,
    )
  })
}

test('a log whose times run back is played without a pause there', async () => {
  const { sent } = await play([at(5_000, 1), at(2_000, 2), at(3_000, 3)])
  assert.deepEqual(
    sent.map(({ us }) => us),
    [0, 0, 1_000],
  )
})

test('lateness is told, and a late frame does not delay those after it', async () => {
  const clock = new JumpingClock()
  const sentUs: number[] = []
  const bus = {
    async send() {
      sentUs.push(clock.us - 1_000_000)
      // The first frame holds the process up.
      if (sentUs.length === 1) clock.us += 15_000
    },
  }
  const figures = await replay(() => [at(0), at(10_000), at(20_000)], bus, {}, clock)
  assert.deepEqual(sentUs, [0, 15_000, 20_000])
  assert.equal(figures.worstLateUs, 5_000)
  assert.equal(Math.round(figures.meanLateUs), 1_667)
})

test('frames that the bus does not carry are counted; any other refusal ends the replay', async () => {
  const clock = new JumpingClock()
  const refusing = (error: Error) => ({ send: () => Promise.reject(error) })
  const figures = await replay(() => LOG, refusing(new CanFrameNotCarried('no FD')), {}, clock)
  assert.deepEqual([figures.sent, figures.notCarried], [0, 4])
  await assert.rejects(
    replay(() => LOG, refusing(new CanBusFault('gone')), {}, clock),
    CanBusFault,
  )
})

test('sends that do not end hold the replay back: no more than 64 are under way', async () => {
  let underWay = 0
  let worst = 0
  const bus = {
    async send() {
      worst = Math.max(worst, ++underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay--
    },
  }
  const many = Array.from({ length: 500 }, (_, i) => at(i))
  const figures = await replay(() => many, bus, { speed: 'as-fast-as-possible' }, new JumpingClock())
  assert.equal(figures.sent, 500)
  assert.equal(worst, 64)
})

test('a replay that is called off ends with its figures', async () => {
  const abort = new AbortController()
  const { figures } = await play(LOG, {
    loops: Infinity,
    signal: abort.signal,
    onProgress: ({ sent }) => {
      if (sent === 6) abort.abort()
    },
  })
  assert.deepEqual([figures.sent, figures.aborted], [6, true])
})

test('a pause on the wall clock is called off at once', async () => {
  const abort = new AbortController()
  const bus = { send: async () => void setImmediate(() => abort.abort()) }
  const figures = await replay(
    () => [at(0), at(3_600_000_000)],
    bus,
    { signal: abort.signal },
    wallReplayClock,
  )
  assert.deepEqual([figures.sent, figures.aborted], [1, true])
})

test('on a bus the frames arrive in the order of the log, on the wall clock', async () => {
  const can = createMemoryCan()
  const ids: number[] = []
  can.join('listener').onFrame(({ id }) => ids.push(id))
  const entries = Array.from({ length: 100 }, (_, i) => at(i * 100, 0x700 - i))
  const figures = await replay(() => entries, can.join('player'), { speed: 10 }, wallReplayClock)
  assert.equal(figures.sent, 100)
  assert.deepEqual(
    ids,
    entries.map(({ frame }) => frame?.id),
  )
  await can.close()
})

test('options that make no replay are refused', async () => {
  for (const options of [
    { speed: 0 },
    { speed: Number.NaN },
    { gapLimitMs: -1 },
    { loops: 0 },
    { loops: 1.5 },
  ]) {
    await assert.rejects(play(LOG, options), { name: 'InvalidReplay' })
  }
})
