import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { batteryState } from './battery.js'
import { boltPosition } from './bolt.js'
import { LockBench } from './fixtures/lock-bench.js'
import { lockStands } from './lock-machine.js'
import { DEFAULT_BOLT_THRESHOLDS } from './lock-thresholds.js'

const { travelHardwareMs, supplyHardwareMs } = DEFAULT_BOLT_THRESHOLDS

test('a battery that is good at rest and weak under load is low, and a rest does not heal it', () => {
  const bench = new LockBench().at('down').pass(2_000, { volts: 7.6 })
  assert.equal(batteryState(bench.lock.battery), 'charged')
  bench.ordered('up').pass(400, { limitDown: false, volts: 6.4 })
  bench.pass(20, { limitUp: true }).pass(5_000, { volts: 7.6 })
  assert.equal(batteryState(bench.lock.battery), 'low')
})

test('an inrush is no load to judge by, and a rested voltage counts only once it has rested', () => {
  const bench = new LockBench().at('down').pass(2_000, { volts: 7.6 })
  bench.ordered('up').pass(100, { limitDown: false, volts: 5.5 }).ordered('down')
  bench.pass(10, { limitDown: true, volts: 7.6 }).pass(20, { volts: 6.0 }).pass(900, { volts: 6.0 })
  assert.equal(batteryState(bench.lock.battery), 'charged')
  assert.equal(batteryState(bench.pass(200).lock.battery), 'critical')
})

test('a battery that has been charged is judged anew', () => {
  const bench = new LockBench().at('down').pass(2_000, { volts: 6.7 })
  assert.equal(batteryState(bench.lock.battery), 'low')
  assert.equal(batteryState(bench.pass(2_000, { volts: 6.95 }).lock.battery), 'low')
  assert.equal(batteryState(bench.pass(2_000, { volts: 7.1 }).lock.battery), 'charged')
})

test('critical: the bolt goes down once, and then nothing moves it', () => {
  const bench = new LockBench().at('up').pass(1_100, { volts: 6.2 })
  assert.deepEqual([bench.lock.bolt.state, bench.acts], ['lowering', ['release', 'release', 'lower']])
  bench.pass(300, { limitUp: false }).pass(30, { limitDown: true })
  assert.equal(bench.lock.bolt.state, 'down')
  assert.equal(bench.ordered('up').refused, 'battery-critical')
  // Somebody lifts the arm: the lock says so, and does not fight.
  bench.pass(5_000, { limitDown: false })
  assert.equal(bench.lock.bolt.state, 'forced')
  assert.equal(bench.acts.filter((act) => act !== 'release').length, 1)
  assert.ok(lockStands(bench.lock))
})

test('a battery that is charged soon after its one lowering is good again', () => {
  const bench = new LockBench().at('up').pass(1_100, { volts: 6.2 })
  bench.pass(400, { limitUp: false, volts: 5.8 }).pass(300, { limitDown: true, volts: 6.2 })
  bench.pass(1_200, { volts: 7.8 })
  assert.equal(batteryState(bench.lock.battery), 'charged')
  assert.equal(bench.ordered('up').refused, undefined)
})

test('critical in mid-rise: it turns round', () => {
  const bench = new LockBench().at('down').pass(500, { volts: 7 }).ordered('up')
  bench.pass(400, { limitDown: false, volts: 5.7 })
  assert.deepEqual([bench.lock.bolt.state, bench.acts.at(-1)], ['lowering', 'lower'])
})

test('with a voltage that cannot be read it goes down, and not up', () => {
  const bench = new LockBench().at('up').pass(1_100, { volts: 15 })
  assert.equal(batteryState(bench.lock.battery), 'unreadable')
  bench.ordered('down').pass(300, { limitUp: false }).pass(30, { limitDown: true })
  assert.equal(bench.lock.bolt.state, 'down')
  assert.equal(bench.ordered('up').refused, 'fault')
  assert.equal(batteryState(bench.pass(2_500, { volts: 7.6 }).lock.battery), 'charged')
})

test('cycles, stalls and energy are counted', () => {
  const bench = new LockBench().at('down').ordered('up')
  bench.pass(600, { limitDown: false }).pass(20, { limitUp: true })
  // 0.5 A at 7.6 V for some 600 ms.
  assert.equal(bench.lock.wear.cycles, 1)
  assert.ok(Math.abs(bench.lock.wear.energyJoules - 2.3) < 0.3, `${bench.lock.wear.energyJoules} J`)
  bench.ordered('down').pass(250, { limitUp: false, amps: 2.5 })
  assert.deepEqual([bench.lock.wear.cycles, bench.lock.wear.stalls], [1, 1])
})

const happening = fc.oneof(
  fc.record({
    kind: fc.constant('command' as const),
    command: fc.constantFrom('up' as const, 'down' as const, 'rearm' as const, 'safe' as const),
  }),
  fc.record({
    kind: fc.constant('sensors' as const),
    limitUp: fc.boolean(),
    limitDown: fc.boolean(),
    vehiclePresent: fc.boolean(),
    tampered: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    amps: fc.constantFrom(undefined, 0.01, 2.5, 5),
    supply: fc.constantFrom('follows' as const, 'follows' as const, 'stuck' as const, 'missing' as const),
    volts: fc.constantFrom(7.6, 7.6, 6.5, 6, 2, 15),
    cutOff: fc.constantFrom(undefined, undefined, 'over-current' as const, 'heartbeat-lost' as const),
    forMs: fc.integer({ min: 10, max: 1_500 }),
  }),
)

/** Runs any life, and looks at the machine after every sample. */
function holdsInEveryLife(look: (bench: LockBench) => void): void {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 25 }), (events) => {
      const bench = new LockBench()
      bench.onStep = () => look(bench)
      for (const event of events) {
        if (event.kind === 'command') bench.ordered(event.command)
        else {
          const { forMs, kind: _kind, ...sensors } = event
          bench.pass(forMs, sensors)
        }
      }
    }),
    { numRuns: 100 },
  )
}

test('in every life: never driven up under a vehicle', () => {
  holdsInEveryLife(({ lock: { bolt } }) => {
    assert.ok(!(bolt.drive?.towards === 'up' && bolt.seen.sample?.vehiclePresent))
  })
})

test('in every life: the hardware is driven when the machine says so, and never in a fault or for too long', () => {
  holdsInEveryLife(({ lock: { bolt }, isDriven }) => {
    assert.equal(isDriven, bolt.drive !== undefined)
    const mayDrive = ['homing', 'rising', 'lowering', 'obstructed'].includes(bolt.state)
    assert.ok(!isDriven || mayDrive, bolt.state)
    const sinceMs = (bolt.seen.sample?.hardwareMs ?? 0) - (bolt.drive?.sinceMs ?? Infinity)
    assert.ok(sinceMs <= travelHardwareMs + supplyHardwareMs + 20, `${sinceMs} ms`)
  })
})

test('in every life: unknown becomes up or down only with that limit closed, and the other open', () => {
  holdsInEveryLife(({ lock: { bolt }, before }) => {
    const position = boltPosition(bolt)
    if (before && position !== boltPosition(before.bolt) && (position === 'up' || position === 'down')) {
      const [own, other] = position === 'up' ? [bolt.seen.up, bolt.seen.down] : [bolt.seen.down, bolt.seen.up]
      assert.deepEqual([own.closed, other.closed], [true, false], `${bolt.state} says ${position}`)
    }
  })
})

test('in every life: safe is left by re-arming only, and nothing is supplied meanwhile', () => {
  holdsInEveryLife((bench) => {
    if (bench.before?.bolt.state !== 'safe' || bench.lock.bolt.state === 'safe') return
    assert.equal(bench.lastInput, 'command')
    assert.equal(bench.lock.bolt.state, 'homing')
  })
})

test('in every life: a critical battery lowers once at the most', () => {
  let lowered = 0
  holdsInEveryLife((bench) => {
    const isCritical = batteryState(bench.lock.battery) === 'critical'
    if (!isCritical) lowered = 0
    else if (bench.acts.length > bench.actsBefore && bench.acts.at(-1) !== 'release') {
      assert.equal(bench.acts.at(-1), 'lower')
      lowered++
    }
    assert.ok(lowered <= 1)
  })
})
