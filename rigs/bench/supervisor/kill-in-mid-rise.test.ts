import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { UNO_HZ } from '../../simulated/virtual-arduino/virtual-arduino.js'
import { openRisingBench, type Rise, type RisingBench } from './fixtures/rising-bench.js'

const STUCK = { timeout: 150_000 }

/** The promise: so long after its runner is gone an actuator is without power, hardware milliseconds. */
const LIMIT_MS = 500
/** The board is watched for longer than the promise. */
const WATCH_MS = 700
const CYCLES_PER_MS = UNO_HZ / 1000

/** What one loss did, stamped in the board's cycles: the loss not later than it was. */
interface Loss {
  readonly atCycle: number
  readonly watchedUntil: number
  readonly suppliedAfterwards: boolean
}

async function lose({ board }: RisingBench, take: () => void): Promise<Loss> {
  const { cycles, supplied } = await board.observe()
  assert.equal(supplied, true, 'the actuator is supplied when its runner is taken away')
  take()
  const after = await board.hardwareElapsed(WATCH_MS)
  return { atCycle: cycles, watchedUntil: after.cycles, suppliedAfterwards: after.supplied }
}

async function judge(t: TestContext, bench: RisingBench, losses: readonly (readonly [string, Loss])[]) {
  const edges = await bench.edges()
  for (const [how, { atCycle, watchedUntil, suppliedAfterwards }] of losses) {
    const off = edges.relayOffAfter(atCycle)
    const offMs = off === undefined ? Infinity : (off - atCycle) / CYCLES_PER_MS
    t.diagnostic(`${how}: power off ${offMs.toFixed(1)} hardware ms after the loss at cycle ${atCycle}`)
    assert.ok(offMs <= LIMIT_MS, `${how}: ${offMs} ms`)
    assert.equal(suppliedAfterwards, false, how)
    const late = edges.pulsesBetween(atCycle + LIMIT_MS * CYCLES_PER_MS, watchedUntil)
    assert.equal(late, 0, `${how}: pulses went on`)
  }
}

const killBoth = ({ runner, supervisorPid }: Rise) => {
  process.kill(supervisorPid, 'SIGKILL')
  runner.kill('SIGKILL')
}

test(
  'Supervisor alone, under StandardFirmata: however the runner ends, the power is off in time',
  STUCK,
  async (t) => {
    const bench = await openRisingBench(t, 'standard-firmata')
    const losses: (readonly [string, Loss])[] = []
    const ways: readonly (readonly [string, (rise: Rise) => unknown])[] = [
      ['kill -9', ({ runner }) => runner.kill('SIGKILL')],
      ['SIGTERM', ({ runner }) => runner.kill('SIGTERM')],
      ['SIGINT', ({ runner }) => runner.kill('SIGINT')],
      ['a crash', ({ runner }) => runner.send('crash')],
    ]
    for (const [how, take] of ways) {
      const rise = await bench.rise()
      losses.push([how, await lose(bench, () => void take(rise))])
      await rise.ended
      const proof = await bench.lastProof()
      assert.equal(proof?.confirmed, true, how)
      assert.ok(proof?.reason === 'runner-lost' || proof?.reason === 'client-lost', proof?.reason)
    }
    await judge(t, bench, losses)
  },
)

test(
  'Supervisor alone: a runner that hangs is found out by its heartbeat, made safe, and ended',
  STUCK,
  async (t) => {
    const bench = await openRisingBench(t, 'standard-firmata')
    for (const [how, take] of [
      ['a loop that does not end', ({ runner }: Rise) => runner.send('spin')],
      ['SIGSTOP', ({ runner }: Rise) => runner.kill('SIGSTOP')],
    ] as const) {
      const rise = await bench.rise(1_000)
      take(rise)
      const [, signal] = (await rise.ended) as [number | null, string | null]
      assert.equal(signal, 'SIGKILL', how)
      const proof = await bench.lastProof()
      assert.deepEqual([proof?.reason, proof?.confirmed], ['runner-hung', true], how)
      assert.equal((await bench.board.observe()).supplied, false, how)
    }
  },
)

test(
  'Firmware alone: runner and supervisor killed, our own firmware takes the power away',
  STUCK,
  async (t) => {
    const bench = await openRisingBench(t, 'lockstep')
    const rise = await bench.rise()
    const loss = await lose(bench, () => killBoth(rise))
    assert.equal(await bench.lastProof(), undefined, 'no supervisor had a hand in it')
    await judge(t, bench, [['kill -9 of both', loss]])
  },
)

test('With neither protection the pulses go on: the tests above can fail', STUCK, async (t) => {
  const bench = await openRisingBench(t, 'standard-firmata')
  const rise = await bench.rise()
  const { atCycle, watchedUntil, suppliedAfterwards } = await lose(bench, () => killBoth(rise))
  const edges = await bench.edges()
  assert.equal(suppliedAfterwards, true)
  assert.equal(edges.relayOffAfter(atCycle), undefined)
  const pulses = edges.pulsesBetween(atCycle, watchedUntil)
  t.diagnostic(`${pulses} servo pulses in the ${WATCH_MS} hardware ms after the kill`)
  assert.ok(pulses >= WATCH_MS / 20 - 2, `${pulses} pulses`)
})
