import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockPinMap } from '../../pin-map.js'
import type { PinDrive } from '../circuit.js'
import { BareCircuit } from './bare-circuit.js'
import { LockPlant, type PlantTrace } from './lock-plant.js'

/** A plant whose board is the test. */
class Bench {
  readonly circuit = new BareCircuit()
  readonly trace: PlantTrace[] = []
  brownOuts = 0
  /** Levels that a contact's wire took. */
  readonly levels: (boolean | undefined)[] = []
  readonly plant: LockPlant

  constructor(seed = 1) {
    const { circuit } = this
    const setInput = circuit.setInput.bind(circuit)
    circuit.setInput = (pin, high) => {
      if (pin === lockPinMap.limitUp.pin) this.levels.push(high)
      setInput(pin, high)
    }
    this.plant = new LockPlant(circuit, lockPinMap, {
      bolt: 'up',
      seed,
      onTrace: (record) => this.trace.push(record),
      onBrownOut: () => this.brownOuts++,
    })
  }

  drive(pin: number, drive: PinDrive) {
    this.circuit.drive(pin, drive)
  }
  run(ms: number) {
    this.circuit.pass(ms)
  }
  volts(channel: number) {
    return this.circuit.volts(channel)
  }
  pulses(degrees: number, count: number) {
    const widthMs = (600 + degrees * 10) / 1000
    for (let i = 0; i < count; i++) {
      this.drive(lockPinMap.servo.pin, 'high')
      this.run(widthMs)
      this.drive(lockPinMap.servo.pin, 'low')
      this.run(20 - widthMs)
    }
  }
}

const { relay, contactSense, motorCurrent, battery } = lockPinMap

test('The bolt travels 90° in 500 to 700 ms, with bounce at the switches', () => {
  const bench = new Bench()
  bench.drive(relay.pin, 'high')
  bench.pulses(20, 50)
  const moving = bench.trace.filter((record) => record.degrees > 21 && record.degrees < 109.9)
  const travelMs = (moving.at(-1)?.hardwareMs ?? 0) - (moving[0]?.hardwareMs ?? 0)
  assert.ok(travelMs > 500 && travelMs < 700, `${travelMs} ms`)
  assert.equal(bench.plant.observe().bolt, 'down')
  assert.equal(bench.plant.observe().moves, 1)
  // Closed to ground at first; opening bounces before it stays open.
  const bounces = bench.levels.slice(bench.levels.lastIndexOf(false) - 1)
  assert.deepEqual(bounces.slice(-2), [false, undefined])
  assert.ok(bench.levels.length >= 5, `${bench.levels.length} changes`)
})

test('Neither pulses without supply nor supply without pulses move the bolt', () => {
  const bench = new Bench()
  bench.pulses(20, 30)
  assert.equal(bench.plant.observe().degrees, 110)
  assert.equal(bench.volts(motorCurrent.channel), 0)
  bench.run(100)
  bench.drive(relay.pin, 'high')
  bench.run(500)
  assert.equal(bench.plant.observe().degrees, 110)
  assert.equal(bench.circuit.isHigh(contactSense.pin), true)
  assert.equal(bench.plant.observe().moves, 0)
})

test('Cut in mid-travel, the bolt stays, the current ends and the contact sense falls', () => {
  const bench = new Bench()
  bench.drive(relay.pin, 'high')
  bench.pulses(20, 15)
  assert.ok(bench.volts(motorCurrent.channel) > 0.2)
  bench.drive(relay.pin, 'open')
  // It coasts for a degree.
  bench.run(60)
  const cut = bench.plant.observe()
  bench.pulses(20, 20)
  assert.equal(bench.plant.observe().degrees, cut.degrees)
  assert.equal(cut.bolt, 'between')
  assert.equal(cut.currentAmps, 0)
  assert.equal(bench.circuit.isHigh(contactSense.pin), false)
})

test('An obstacle stops the bolt with the current of a stall, and it can go back', () => {
  const bench = new Bench()
  bench.plant.jamAt(60)
  bench.drive(relay.pin, 'high')
  bench.pulses(20, 50)
  const { degrees, currentAmps } = bench.plant.observe()
  assert.equal(degrees, 60)
  assert.ok(Math.abs(currentAmps - 2.5) < 0.1, `${currentAmps} A`)
  assert.ok(bench.volts(battery.channel) * battery.dividerRatio < 7.6, 'the battery sags')
  bench.pulses(110, 50)
  assert.equal(bench.plant.observe().bolt, 'up')
})

test('A bolt that is wedged where it stands moves neither way', () => {
  const bench = new Bench()
  bench.plant.jamAt(110)
  bench.drive(relay.pin, 'high')
  bench.pulses(20, 50)
  assert.deepEqual([bench.plant.observe().degrees, bench.plant.observe().moves], [110, 0])
})

test('Without a battery nothing is supplied; a slow bolt takes longer', () => {
  const bench = new Bench()
  bench.plant.setBatteryIn(false)
  bench.drive(relay.pin, 'high')
  bench.pulses(20, 30)
  assert.deepEqual([bench.plant.observe().degrees, bench.plant.observe().batteryVolts], [110, 0])
  bench.plant.setBatteryIn(true)
  bench.plant.setSpeedFactor(0.1)
  bench.pulses(20, 50)
  assert.equal(bench.plant.observe().bolt, 'between')
})

/** Drives towards an angle for a while. */
function driven(bench: Bench, degrees: number, pulses: number) {
  bench.drive(relay.pin, 'high')
  bench.pulses(degrees, pulses)
  return bench.plant.observe()
}

const amps = (bench: Bench) => bench.volts(motorCurrent.channel) / motorCurrent.voltsPerAmp
const volts = (bench: Bench) => bench.volts(battery.channel) * battery.dividerRatio

test('The motor draws its stall current when it starts, for less than 40 ms, and then runs', () => {
  const bench = new Bench()
  bench.drive(relay.pin, 'high')
  bench.run(20)
  const drawn: number[] = []
  for (let ms = 0; ms < 200; ms++) {
    if (ms % 20 === 0) bench.drive(lockPinMap.servo.pin, 'high')
    bench.run(1)
    if (ms % 20 === 0) bench.drive(lockPinMap.servo.pin, 'low')
    drawn.push(amps(bench))
  }
  const high = drawn.filter((current) => current > 1.5).length
  assert.ok(high > 0 && high < 40, `${high} ms above 1.5 A`)
  assert.ok((drawn.at(-1) ?? 9) < 1, `${drawn.at(-1)} A`)
})

test('The same seed bounces alike, another one otherwise', () => {
  const levels = (seed: number) => {
    const bench = new Bench(seed)
    bench.plant.inject({ kind: 'bounce', ms: 8 })
    driven(bench, 20, 10)
    return JSON.stringify(bench.levels)
  }
  assert.equal(levels(1), levels(1))
  assert.notEqual(levels(1), levels(2))
})

test('A switch that is stuck says so wherever the bolt is', () => {
  const bench = new Bench()
  bench.plant.inject({ kind: 'limit-stuck-closed', limit: 'up' })
  driven(bench, 20, 50)
  const { limitUp: stuck, limitDown } = bench.plant.observe()
  assert.deepEqual([stuck, limitDown], [true, true])
  bench.plant.mend()
  assert.equal(bench.plant.observe().bolt, 'down')
  bench.plant.inject({ kind: 'limit-stuck-open', limit: 'down' })
  assert.equal(bench.plant.observe().bolt, 'between')
  bench.plant.inject({ kind: 'both-limits' })
  assert.deepEqual([bench.plant.observe().limitUp, bench.plant.observe().limitDown], [true, true])
})

test('An arm that is pushed moves without supply, and stays where it is let go of', () => {
  const bench = new Bench()
  bench.plant.inject({ kind: 'forced-arm', degrees: 50 })
  bench.run(300)
  assert.deepEqual([bench.plant.observe().degrees, bench.plant.observe().bolt], [50, 'between'])
  bench.plant.mend()
  bench.run(300)
  assert.equal(bench.plant.observe().degrees, 50)
})

test('A vehicle comes when the bolt passes its angle on the way up', () => {
  const bench = new Bench()
  driven(bench, 20, 50)
  bench.plant.inject({ kind: 'vehicle-mid-rise', degrees: 60 })
  assert.equal(bench.plant.observe().vehiclePresent, false)
  driven(bench, 110, 50)
  const came = bench.trace.find(({ vehiclePresent }) => vehiclePresent)
  assert.ok(Math.abs((came?.degrees ?? 0) - 60) < 2, `${came?.degrees}°`)
})

test('A worn battery sags under a stall until the board browns out, and recovers without it', () => {
  const bench = new Bench()
  bench.plant.inject({ kind: 'battery-sag', internalOhms: 3 })
  assert.ok(volts(bench) > 7.5)
  bench.plant.inject({ kind: 'wedged' })
  driven(bench, 20, 20)
  assert.equal(bench.brownOuts, 1)
  assert.ok(volts(bench) < 4.2, `${volts(bench)} V`)
  bench.drive(relay.pin, 'low')
  bench.run(20)
  assert.ok(volts(bench) > 7.5)
})

test('Charge is drawn, cold lowers the voltage under load, and another pack is full', () => {
  const bench = new Bench()
  bench.plant.inject({ kind: 'battery-charge', charge: 0.02 })
  const empty = volts(bench)
  assert.ok(empty < 6.4, `${empty} V`)
  bench.plant.setBatteryIn(false)
  bench.plant.setBatteryIn(true)
  assert.ok(volts(bench) > 7.7)
  driven(bench, 20, 5)
  const warm = volts(bench)
  bench.plant.setTemperature(-10)
  assert.ok(volts(bench) < warm - 0.05, `${volts(bench)} V cold, ${warm} V warm`)
  bench.run(3_600_000)
  driven(bench, 110, 5)
  assert.ok(volts(bench) < 7.9)
})

test('Broken wires: ADC open and short, servo signal cut, relay welded, supply cut', () => {
  const bench = new Bench()
  for (const channel of ['motorCurrent', 'battery'] as const) {
    bench.plant.inject({ kind: 'adc-open', channel })
    assert.equal(bench.volts(lockPinMap[channel].channel), 0)
    bench.plant.inject({ kind: 'adc-short', channel })
    assert.equal(bench.volts(lockPinMap[channel].channel), 5)
  }
  bench.plant.mend()
  bench.plant.inject({ kind: 'servo-signal-cut' })
  assert.deepEqual([driven(bench, 20, 30).degrees, amps(bench)], [110, 0.01])
  bench.plant.mend()
  bench.plant.inject({ kind: 'supply-cut' })
  assert.deepEqual([driven(bench, 20, 30).degrees, bench.plant.observe().supplied], [110, false])
  bench.plant.inject({ kind: 'relay-welded' })
  bench.drive(relay.pin, 'low')
  bench.run(100)
  assert.equal(bench.plant.observe().supplied, true)
})
