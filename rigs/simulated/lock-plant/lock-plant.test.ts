import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockPinMap } from '../../pin-map.js'
import type { Circuit, PinDrive, PinEdge } from '../circuit.js'
import { CycleQueue } from '../cycle-queue.js'
import { LockPlant, type PlantTrace } from './lock-plant.js'

/** A circuit whose pins the test drives: one cycle is a microsecond. */
class Bench implements Circuit {
  readonly cyclesPerSecond = 1_000_000
  cycle = 0
  readonly inputs = new Map<number, (boolean | undefined)[]>()
  readonly volts = new Map<number, () => number>()
  readonly trace: PlantTrace[] = []
  readonly #queue = new CycleQueue()
  readonly #listeners = new Map<number, (edge: PinEdge) => void>()
  readonly plant = new LockPlant(this, lockPinMap, {
    bolt: 'up',
    onTrace: (record) => this.trace.push(record),
  })

  onEdge(pin: number, listener: (edge: PinEdge) => void) {
    this.#listeners.set(pin, listener)
    return () => this.#listeners.delete(pin)
  }
  setInput(pin: number, high: boolean | undefined) {
    this.inputs.set(pin, [...(this.inputs.get(pin) ?? []), high])
  }
  setAnalogSource(channel: number, volts: () => number) {
    this.volts.set(channel, volts)
  }
  atCycle(cycle: number, task: () => void) {
    return this.#queue.add(cycle, task)
  }
  drive(pin: number, drive: PinDrive) {
    this.#listeners.get(pin)?.({ pin, drive, cycle: this.cycle })
  }
  run(ms: number) {
    const end = this.cycle + ms * 1000
    while (this.cycle < end) {
      this.cycle = Math.min(end, this.#queue.nextCycle)
      this.#queue.runDue(this.cycle)
    }
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

const { relay, limitUp, contactSense, motorCurrent, battery } = lockPinMap

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
  assert.deepEqual(bench.inputs.get(limitUp.pin)?.slice(-5), [undefined, false, undefined, false, undefined])
})

test('Neither pulses without supply nor supply without pulses move the bolt', () => {
  const bench = new Bench()
  bench.pulses(20, 30)
  assert.equal(bench.plant.observe().degrees, 110)
  assert.equal(bench.volts.get(motorCurrent.channel)?.(), 0)
  bench.run(100)
  bench.drive(relay.pin, 'high')
  bench.run(500)
  assert.equal(bench.plant.observe().degrees, 110)
  assert.equal(bench.inputs.get(contactSense.pin)?.at(-1), true)
  assert.equal(bench.plant.observe().moves, 0)
})

test('Cut in mid-travel, the bolt stays, the current ends and the contact sense falls', () => {
  const bench = new Bench()
  bench.drive(relay.pin, 'high')
  bench.pulses(20, 15)
  assert.ok((bench.volts.get(motorCurrent.channel)?.() ?? 0) > 0.2)
  bench.drive(relay.pin, 'open')
  bench.run(10)
  const cut = bench.plant.observe()
  bench.pulses(20, 20)
  assert.equal(bench.plant.observe().degrees, cut.degrees)
  assert.equal(cut.bolt, 'between')
  assert.equal(cut.currentAmps, 0)
  assert.equal(bench.inputs.get(contactSense.pin)?.at(-1), false)
})

test('An obstacle stops the bolt with the current of a stall, and it can go back', () => {
  const bench = new Bench()
  bench.plant.jamAt(60)
  bench.drive(relay.pin, 'high')
  bench.pulses(20, 50)
  assert.deepEqual([bench.plant.observe().degrees, bench.plant.observe().currentAmps], [60, 2.5])
  assert.ok((bench.volts.get(battery.channel)?.() ?? 9) * battery.dividerRatio < 7.6, 'the battery sags')
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
