import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parkingBus } from '../contracts/parking-bus.js'
import type { CanFrame } from '../ports/can-bus.js'
import { INFO, only, POINT, withHeadUnit, withPlan } from './fixtures/head-unit-bench.js'
import { FrameProtection } from './frame-protection.js'
import { ackFrame, infoFrame } from './parking-frames.js'

const PNG_SIGNATURE = '89504e470d0a1a0a'

test('a plan that came whole is displayed from its second cycle on, and only then acknowledged', async () => {
  await withHeadUnit(async ({ headUnit, sendLabel, cycle, faults }) => {
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
    const before = headUnit.picture()
    await sendLabel()
    assert.deepEqual(await cycle(), ['not-valid'])
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
    assert.deepEqual(await cycle(), ['shown'])
    assert.deepEqual(headUnit.screen(), {
      shows: 'plan',
      planSequence: 1,
      bayId: 'B-17',
      label: '东区 17 号车位',
      walkMetres: 230,
      etaMinutes: 3,
      pricePerHourFen: 600,
      state: 'reserved',
      unlockStep: 'code-sent',
      position: POINT,
    })
    assert.equal(headUnit.picture().subarray(0, 8).toString('hex'), PNG_SIGNATURE)
    assert.ok(!headUnit.picture().equals(before))
    assert.deepEqual(faults(), [])
    assert.deepEqual(
      headUnit.health().map(({ state }) => state),
      ['valid', 'valid', 'valid', 'valid', 'valid'],
    )
  })
})

test('frames without a label show nothing, and the T-BOX is told', async () => {
  await withHeadUnit(async ({ headUnit, cycle }) => {
    await cycle()
    assert.deepEqual(await cycle(), ['label-missing'])
    assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
  })
})

for (const [what, message, result] of [
  ['latitude', parkingBus.latitude, 'position-missing'],
  ['longitude', parkingBus.longitude, 'position-missing'],
  ['progress', parkingBus.progress, 'progress-missing'],
] as const) {
  test(`a plan without its ${what} is not shown, and the T-BOX is told`, async () => {
    await withHeadUnit(async ({ headUnit, sendLabel, cycle }) => {
      await sendLabel()
      const without = only(message.id, () => [])
      await cycle({}, without)
      assert.deepEqual(await cycle({}, without), [result])
      assert.deepEqual(headUnit.screen(), { shows: 'no-plan' })
    })
  })
}

test('a label that is tampered with, or comes a second time, is not used', async () => {
  await withHeadUnit(async ({ headUnit, protection, sendLabel, cycle, faults }) => {
    await sendLabel('东区', (payload) => {
      const tampered = protection.protectLabel(payload)
      tampered[tampered.length - 1] = (tampered[tampered.length - 1] as number) ^ 1
      return tampered
    })
    await cycle()
    assert.deepEqual(await cycle(), ['label-missing'])
    let sent: Uint8Array | undefined
    await sendLabel('西区', (payload) => (sent = protection.protectLabel(payload)))
    await sendLabel('西区', () => sent ?? new Uint8Array(0))
    assert.deepEqual(faults(), ['e2e-corrupt', 'e2e-repeated'])
    assert.deepEqual(await cycle(), ['shown'])
    const screen = headUnit.screen()
    assert.equal(screen.shows === 'plan' && screen.label, '西区')
  })
})

test('an old label that comes again does not take the place of the one after it', async () => {
  await withHeadUnit(async ({ headUnit, protection, sendLabel, cycle, faults }) => {
    let old = new Uint8Array(0)
    await sendLabel('东区', (payload) => (old = protection.protectLabel(payload).slice()))
    await sendLabel('西区')
    await sendLabel('东区', () => old)
    assert.deepEqual(faults(), ['e2e-wrong-sequence'])
    await cycle()
    assert.deepEqual(await cycle(), ['label-missing'], 'nobody knows whose plan follows: it is asked for')
    await sendLabel('西区')
    await cycle()
    const screen = headUnit.screen()
    assert.equal(screen.shows === 'plan' && screen.label, '西区')
  })
})

for (const labelsBefore of [1, 2]) {
  test(`a T-BOX that begins anew after ${labelsBefore} labels: its plan is not shown under the label before`, async () => {
    await withHeadUnit(async ({ headUnit, time, sendLabel, cycle }) => {
      for (let n = 0; n < labelsBefore; n++) await sendLabel('东区')
      await cycle()
      assert.deepEqual(await cycle(), ['shown'])
      time.pass(10 * parkingBus.cycleMs)
      assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
      const fresh = new FrameProtection()
      const again = (frame: CanFrame): CanFrame[] => [fresh.protect(frame)]
      await sendLabel('西区', (payload) => fresh.protectLabel(payload))
      const answers: string[] = []
      for (let n = 0; n < 5; n++) {
        answers.push(...(await cycle({}, again)))
        assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
      }
      assert.equal(answers.at(-1), 'label-missing')
      await sendLabel('西区', (payload) => fresh.protectLabel(payload))
      assert.deepEqual(await cycle({}, again), ['shown'])
      const screen = headUnit.screen()
      assert.equal(screen.shows === 'plan' && screen.label, '西区')
    })
  })
}

test('a label that breaks off makes the one before it void, and what was shown is asked for again', async () => {
  await withPlan(async ({ tBox, headUnit, sendLabel, cycle }) => {
    const { id, extended } = parkingBus.labelTransport
    // A first frame, and then a new message: the first one is lost.
    await tBox.send({ id, extended, data: Uint8Array.of(0x10, 0x20, 1, 2, 3, 4, 5, 6) })
    await tBox.send({ id, extended, data: Uint8Array.of(0x10, 0x20, 1, 2, 3, 4, 5, 6) })
    assert.deepEqual(await cycle(), ['label-missing'])
    assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
    await sendLabel()
    assert.deepEqual(await cycle(), ['shown'])
  })
})

test('frames whose CRC is right but whose content breaks the contract show no stale plan', async () => {
  await withPlan(async ({ headUnit, cycle, events }) => {
    const outlaw = new FrameProtection()
    for (let n = 0; n < 2; n++) outlaw.protect(infoFrame(INFO)) // counters as the T-BOX has them
    const malformed = only(parkingBus.info.id, (frame) => {
      const data = frame.data.slice()
      data[1] = 0xf0
      return [outlaw.protect({ ...frame, data })]
    })
    for (let n = 0; n < 2; n++) await cycle({}, malformed)
    assert.equal(events.filter(({ event }) => event === 'frame-refused').length, 2)
    assert.deepEqual(headUnit.screen(), { shows: 'no-valid-data' })
  })
})

test('frames that are for others, or of another length, change nothing', async () => {
  await withPlan(async ({ tBox, headUnit, protection, faults }) => {
    const ack = {
      planSequence: 1,
      shownState: 'ended',
      shownStep: 'ended',
      result: 'shown',
    } as const
    await tBox.send(protection.protect(ackFrame(ack)))
    await tBox.send({ id: 0x7df, extended: false, data: new Uint8Array(8) })
    assert.deepEqual(faults(), [])
    await tBox.send({ id: parkingBus.info.id, extended: false, data: Uint8Array.of(1) })
    assert.deepEqual(faults(), ['e2e-corrupt'])
    assert.equal(headUnit.screen().shows, 'plan')
  })
})
