import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openE2eProtector } from '../can/e2e-protection.js'
import { parkingBus } from '../contracts/parking-bus.js'
import { ManualSchedule } from './fixtures/manual-schedule.js'
import { ReceptionGuard } from './reception-guard.js'

const CYCLE_MS = 500

function guarded(message = parkingBus.latitude) {
  const protection = parkingBus.protectionOf(message)
  const time = new ManualSchedule()
  const events: string[] = []
  const guard = new ReceptionGuard({
    protection,
    contract: parkingBus.protections,
    cycleMs: CYCLE_MS,
    schedule: time.schedule,
    onFault: (fault) => events.push(fault),
    onState: (state) => events.push(`→ ${state}`),
  })
  const protector = openE2eProtector(protection)
  const next = () => {
    const data = new Uint8Array(message.length).fill(1)
    protector.protect(data)
    return data
  }
  /** A frame of the sender, and the cycle after it. */
  const cycle = (change: (data: Uint8Array) => void = () => undefined) => {
    const data = next()
    change(data)
    const verdict = guard.accept(data)
    time.pass(CYCLE_MS)
    return verdict
  }
  const flip = (data: Uint8Array) => void (data[1] = (data[1] as number) ^ 1)
  return { guard, time, events, next, cycle, flip }
}

for (const message of [parkingBus.latitude, parkingBus.info]) {
  test(`${message.name}: data are used from the second frame on, and no time passes unwatched`, () => {
    const { guard, events, cycle } = guarded(message)
    assert.deepEqual([cycle(), cycle(), cycle()], ['unproven', 'use', 'use'])
    assert.equal(guard.state, 'valid')
    assert.deepEqual(events, ['→ init', '→ valid'])
  })

  test(`${message.name}: silence is late at one and a half cycles, and over at three`, () => {
    const { guard, time, events, cycle, next } = guarded(message)
    cycle()
    guard.accept(next())
    events.length = 0
    time.pass(749)
    assert.deepEqual(events, [])
    time.pass(1)
    assert.deepEqual(events, ['late'])
    time.pass(749)
    assert.deepEqual([events, guard.state], [['late', 'late'], 'valid'])
    time.pass(1)
    assert.deepEqual(events, ['late', 'late', 'missing', '→ invalid'])
    assert.equal(time.waiting, 0)
  })

  test(`${message.name}: after a silence data prove themselves again`, () => {
    const { time, events, cycle } = guarded(message)
    cycle()
    cycle()
    time.pass(10 * CYCLE_MS)
    events.length = 0
    assert.deepEqual([cycle(), cycle()], ['unproven', 'use'])
    assert.deepEqual(events, ['→ valid'])
  })
}

test('one flipped frame is refused and the state stays; a second one ends it', () => {
  const { guard, cycle, flip } = guarded()
  cycle()
  cycle()
  assert.equal(cycle(flip), 'refused')
  assert.equal(guard.state, 'valid')
  assert.equal(cycle(flip), 'refused')
  assert.equal(guard.state, 'invalid')
  assert.deepEqual(guard.health.faults, { corrupt: 2 })
})

test('a stuck counter ends the state within three cycles, by its name', () => {
  const { guard, time, events, cycle, next } = guarded(parkingBus.info)
  cycle()
  const stuck = next()
  guard.accept(stuck)
  events.length = 0
  for (let n = 0; n < 3; n++) {
    time.pass(CYCLE_MS - 1)
    assert.equal(guard.accept(stuck), 'refused')
  }
  assert.deepEqual(events, ['repeated', 'repeated', 'stuck-counter', '→ invalid'])
})

test('frames that all come twice stay valid, and each second one is refused', () => {
  const { guard, time, events, next } = guarded()
  guard.accept(next())
  events.length = 0
  for (let n = 0; n < 5; n++) {
    const data = next()
    guard.accept(data)
    assert.equal(guard.accept(data), 'refused')
    time.pass(CYCLE_MS)
  }
  assert.equal(guard.state, 'valid')
  assert.deepEqual(events, ['→ valid', 'repeated', 'repeated', 'repeated', 'repeated', 'repeated'])
})

test('bad frames that come seldom cannot keep old data valid', () => {
  const { guard, time, events, cycle, next } = guarded()
  cycle()
  const old = next()
  guard.accept(old)
  time.pass(700)
  guard.accept(old)
  time.pass(700)
  guard.accept(old)
  assert.equal(guard.state, 'valid')
  time.pass(100)
  assert.equal(guard.state, 'invalid')
  assert.ok(!events.includes('missing'), 'frames came: nothing was missing')
})

test('content that breaks the contract is no better than a wrong CRC', () => {
  const { guard, cycle, next } = guarded()
  cycle()
  cycle()
  assert.equal(guard.accept(next(), true), 'refused')
  assert.equal(guard.accept(next(), true), 'refused')
  assert.equal(guard.state, 'invalid')
  assert.deepEqual(guard.health.faults, { malformed: 2 })
})

test('at rest nothing is late', () => {
  const { guard, time, events, cycle } = guarded()
  cycle()
  cycle()
  guard.rest()
  events.length = 0
  time.pass(20 * CYCLE_MS)
  assert.deepEqual([events, guard.state], [[], 'valid'])
})
