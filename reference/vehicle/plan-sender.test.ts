import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createMemoryCan } from '../../rigs/simulated/memory-can/memory-can.js'
import { openIsoTp } from '../can/iso-tp-link.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { ReceivedCanFrame } from '../ports/can-bus.js'
import { DEFAULT_BUS_TIMING } from './bus-timing.js'
import { ManualSchedule } from './fixtures/manual-schedule.js'
import { POINT } from './fixtures/head-unit-bench.js'
import { FrameProtection } from './frame-protection.js'
import { ackFrame, readParkingFrame, type HeadUnitAck } from './parking-frames.js'
import { PlanSender, type PlanToShow, type ShowOutcome } from './plan-sender.js'

const { cycleMs, fastCycleMs, ackTimeoutMs } = DEFAULT_BUS_TIMING
const PLAN: PlanToShow = {
  bayId: 'B-17',
  label: '东区 17 号车位',
  location: POINT,
  walkMetres: 230,
  pricePerHourFen: 600,
  state: 'reserved',
  unlockStep: 'accepted',
}
const SHOWN: HeadUnitAck = {
  planSequence: 1,
  shownState: 'reserved',
  shownStep: 'accepted',
  result: 'shown',
}

/** A sender whose head unit the test plays; bus time and wall time go by only when the test says so. */
async function withSender(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const can = createMemoryCan({ pace: 'virtual' })
  const headUnit = can.join('HEAD_UNIT')
  const protection = new FrameProtection()
  const { labelTransport, labelFlowControl } = parkingBus
  const labels = openIsoTp(headUnit, {
    transmitId: labelFlowControl.id,
    receiveId: labelTransport.id,
    extended: false,
  })
  let cycles = 0
  let onCycle: () => void = () => undefined
  headUnit.onFrame((frame: ReceivedCanFrame) => {
    if (readParkingFrame(frame)?.kind !== 'info') return
    cycles++
    onCycle()
  })
  const time = new ManualSchedule()
  const log = { record: () => undefined }
  const sender = new PlanSender(can.join('T_BOX'), DEFAULT_BUS_TIMING, log, time.schedule)
  t.after(async () => {
    sender.close()
    labels.close()
    await can.close()
  })
  /** Of lower priority than anything of ours: when it is out, so is what was waiting. */
  const settled = () => headUnit.send({ id: 0x7fe, extended: false, data: new Uint8Array(0) })
  return {
    sender,
    /** Starts a plan, and comes back with its first cycle. */
    show: async () => {
      const first = new Promise<void>((resolve) => (onCycle = resolve))
      const outcome = watched(sender.show(PLAN))
      await first
      await settled()
      return outcome
    },
    acknowledge: async (changes: Partial<HeadUnitAck> = {}) => {
      await headUnit.send(protection.protect(ackFrame({ ...SHOWN, ...changes })))
      await settled()
    },
    pass: async (ms: number) => {
      t.mock.timers.tick(ms)
      await settled()
    },
    cycles: () => cycles,
  }
}

/** What a promise has come to so far. */
function watched(promise: Promise<ShowOutcome>): { now: ShowOutcome | 'open' } {
  const seen: { now: ShowOutcome | 'open' } = { now: 'open' }
  void promise.then((outcome) => (seen.now = outcome))
  return seen
}

test('one acknowledgement alone proves nothing: the second one in a row is believed', async (t) => {
  const { show, acknowledge } = await withSender(t)
  const outcome = await show()
  await acknowledge()
  assert.equal(outcome.now, 'open')
  await acknowledge()
  assert.deepEqual(outcome.now, { shown: true })
})

test('a plan with a single acknowledgement is taken back, unanswered', async (t) => {
  const { show, acknowledge, pass, cycles } = await withSender(t)
  const outcome = await show()
  await acknowledge()
  await pass(ackTimeoutMs)
  assert.deepEqual(outcome.now, { failed: 'no-answer' })
  const sent = cycles()
  await pass(2 * cycleMs)
  assert.equal(cycles(), sent)
})

for (const [what, changes] of [
  ['step of the unlocking', { shownState: 'unlocked', shownStep: 'accepted' }],
  ['state', { shownState: 'reserved', shownStep: 'unlocked' }],
] as const satisfies readonly (readonly [string, Partial<HeadUnitAck>])[]) {
  test(`a change is shown only when the head unit names its ${what}`, async (t) => {
    const { sender, show, acknowledge } = await withSender(t)
    const shown = await show()
    await acknowledge()
    await acknowledge()
    assert.deepEqual(shown.now, { shown: true })
    const changed = watched(sender.update({ state: 'unlocked', unlockStep: 'unlocked' }))
    await acknowledge(changes)
    assert.equal(changed.now, 'open')
    await acknowledge({ shownState: 'unlocked', shownStep: 'unlocked' })
    assert.deepEqual(changed.now, { shown: true })
  })
}

test('a new plan and every change of it begin with as many fast cycles as the contract says', async (t) => {
  const { sender, show, acknowledge, pass, cycles } = await withSender(t)
  /** Milliseconds from the cycle that has just been sent to each of the next ones. */
  const gaps = async (count: number) => {
    const found: number[] = []
    for (let waitedMs = 0; found.length < count;) {
      const before = cycles()
      await pass(10)
      waitedMs += 10
      assert.ok(waitedMs <= cycleMs, `${waitedMs} ms without a cycle`)
      if (cycles() === before) continue
      found.push(waitedMs)
      waitedMs = 0
      await acknowledge()
    }
    return found
  }
  const fast = Array<number>(parkingBus.fastCycles - 1).fill(fastCycleMs)
  await show()
  assert.equal(cycles(), 1)
  assert.deepEqual(await gaps(fast.length + 2), [...fast, cycleMs, cycleMs])
  void sender.update({ state: 'unlocked', unlockStep: 'unlocked' })
  await pass(0)
  assert.equal(cycles(), fast.length + 4)
  assert.deepEqual(await gaps(fast.length + 2), [...fast, cycleMs, cycleMs])
})
