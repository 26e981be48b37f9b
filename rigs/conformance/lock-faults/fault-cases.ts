import assert from 'node:assert/strict'
import { DEFAULT_BOLT_THRESHOLDS } from '../../../reference/domain/lock-thresholds.js'
import type { PlantFault } from '../../simulated/lock-plant/plant-faults.js'
import type { FaultBench } from './fault-bench.js'

export interface FaultCase {
  readonly kind: PlantFault['kind'] | 'host-stall'
  /** The verdict, as the table in the docs has it. */
  readonly title: string
  /** Needs a chip that can be reset. */
  readonly needsChip?: true
  readonly play: (bench: FaultBench) => Promise<void>
}

/** From the machine's decision to an open relay, with a host, a line and a firmware between: longer than they take. */
const RELAY_OPENS_MS = 50

/** A jam, a vehicle: from when it can be noticed to what must be done, hardware ms. */
const AT_MOST_MS = 100

const { inrushHardwareMs, stallAmps, travelHardwareMs } = DEFAULT_BOLT_THRESHOLDS

function assertSoon(fromMs: number, toMs: number, atMostMs = AT_MOST_MS): void {
  assert.ok(toMs >= fromMs && toMs - fromMs <= atMostMs, `${toMs - fromMs} hardware ms`)
}

/** When a stall could be noticed first, and when the power went. */
function cutAfterStall(bench: FaultBench, from: number): { detectableMs: number; cutMs: number } {
  const supplied = bench.record('supply', from, (record) => record.supplied)
  const judgedFrom = supplied.hardwareMs + inrushHardwareMs
  const stalled = bench.record(
    'stall',
    supplied.hardwareMs + inrushHardwareMs / 2,
    (record) => record.currentAmps > stallAmps,
  )
  const cut = bench.record('cut', stalled.hardwareMs, (record) => !record.supplied)
  return { detectableMs: Math.max(judgedFrom, stalled.hardwareMs), cutMs: cut.hardwareMs }
}

/** The power is gone at most 100 ms after the stall could be noticed; a firmware's own cut may come before. */
async function assertCutInTime(bench: FaultBench, from: number): Promise<void> {
  await bench.pass(RELAY_OPENS_MS)
  const { detectableMs, cutMs } = cutAfterStall(bench, from)
  assert.ok(cutMs - detectableMs <= AT_MOST_MS, `${cutMs - detectableMs} hardware ms`)
}

/** What the lock must make of each fault of its mechanics, wires and battery. */
export const FAULT_CASES: readonly FaultCase[] = [
  {
    kind: 'jam',
    title: 'a jam on the way down cuts the power within 100 ms, and the bolt stays at its angle: jammed',
    play: async (bench) => {
      const from = bench.rig.nowMs()
      bench.rig.inject({ kind: 'jam', degrees: 60 })
      assert.equal(await bench.order('down'), 'fault')
      await assertCutInTime(bench, from)
      assert.deepEqual([bench.state, bench.told], ['jammed', ['jammed']])
      await bench.staysPutWithoutSupply()
      assert.ok(Math.abs(bench.rig.observe().degrees - 60) < 0.1)
      assert.equal(bench.control.position, 'unknown')
    },
  },
  {
    kind: 'jam',
    title: 'a jam on the way up cuts the power within 100 ms, goes back down once, and waits: obstructed',
    play: async (bench) => {
      await bench.order('down')
      const from = bench.rig.nowMs()
      bench.rig.inject({ kind: 'jam', degrees: 60 })
      assert.equal(await bench.order('up'), 'fault')
      await assertCutInTime(bench, from)
      assert.deepEqual([bench.state, bench.told], ['down', ['obstructed']])
      await bench.staysPutWithoutSupply()
    },
  },
  {
    kind: 'wedged',
    title: 'a bolt that is wedged in its inrush is without power 100 ms after the inrush: jammed',
    play: async (bench) => {
      const from = bench.rig.nowMs()
      bench.rig.inject({ kind: 'wedged' })
      assert.equal(await bench.order('down'), 'fault')
      await assertCutInTime(bench, from)
      assert.equal(bench.state, 'jammed')
      await bench.staysPutWithoutSupply()
    },
  },
  {
    kind: 'slow',
    title: 'a bolt at a third of its speed arrives, without a fault',
    play: async (bench) => {
      bench.rig.inject({ kind: 'slow', factor: 0.33 })
      assert.equal(await bench.order('down'), 'done')
      assert.deepEqual(bench.told, [])
    },
  },
  {
    kind: 'slow',
    title: 'a bolt that is not there in 3 s of hardware time is without power: jammed',
    play: async (bench) => {
      const from = bench.rig.nowMs()
      bench.rig.inject({ kind: 'slow', factor: 0.08 })
      assert.equal(await bench.order('down'), 'fault')
      await bench.pass(RELAY_OPENS_MS)
      const supplied = bench.record('supply', from, (record) => record.supplied)
      const cut = bench.record('cut', supplied.hardwareMs, (record) => !record.supplied)
      assertSoon(supplied.hardwareMs + travelHardwareMs, cut.hardwareMs)
      assert.deepEqual([bench.state, bench.told], ['jammed', ['jammed']])
    },
  },
  {
    kind: 'limit-stuck-open',
    title: 'a limit switch that does not close ends the drive that has arrived: sensor-fault',
    play: async (bench) => {
      bench.rig.inject({ kind: 'limit-stuck-open', limit: 'down' })
      assert.equal(await bench.order('down'), 'fault')
      assert.deepEqual([bench.state, bench.told], ['sensor-fault', ['sensor-fault: no-current']])
      assert.equal(bench.control.position, 'unknown')
      await bench.staysPutWithoutSupply()
    },
  },
  {
    kind: 'limit-stuck-closed',
    title: 'a limit switch that does not open ends the drive away from it: sensor-fault, position unknown',
    play: async (bench) => {
      bench.rig.inject({ kind: 'limit-stuck-closed', limit: 'up' })
      assert.equal(await bench.order('down'), 'fault')
      assert.equal(bench.state, 'sensor-fault')
      assert.match(bench.told.join(), /^sensor-fault: (limit-closed|both-limits)$/)
      assert.equal(bench.control.position, 'unknown')
      await bench.staysPutWithoutSupply()
    },
  },
  {
    kind: 'both-limits',
    title: 'both limits in mid-travel cut the power within 100 ms: sensor-fault',
    play: async (bench) => {
      void bench.control.moveTo('down')
      await bench.until('a travel', () => bench.rig.observe().degrees < 70)
      const from = bench.rig.nowMs()
      bench.rig.inject({ kind: 'both-limits' })
      await bench.untilState('sensor-fault')
      await bench.pass(RELAY_OPENS_MS)
      assertSoon(from, bench.record('cut', from, (record) => !record.supplied).hardwareMs)
      assert.deepEqual(bench.told, ['sensor-fault: both-limits'])
      assert.equal(await bench.order('up'), 'fault')
    },
  },
  {
    kind: 'bounce',
    title: 'switches that bounce for 8 ms are believed, without a fault',
    play: async (bench) => {
      bench.rig.inject({ kind: 'bounce', ms: 8 })
      for (const target of ['down', 'up', 'down'] as const) assert.equal(await bench.order(target), 'done')
      assert.deepEqual(bench.told, [])
    },
  },
  {
    kind: 'forced-arm',
    title: 'an arm that is pushed is told, meets no power while it is held, and is put back: forced',
    play: async (bench) => {
      const from = bench.rig.nowMs()
      bench.rig.inject({ kind: 'forced-arm', degrees: 70 })
      await bench.untilState('forced')
      assert.deepEqual([bench.told, bench.control.position], [['forced'], 'unknown'])
      await bench.pass(1_500)
      assert.ok(!bench.rig.trace.some(({ hardwareMs, supplied }) => hardwareMs > from && supplied))
      bench.rig.mend()
      await bench.untilState('up')
      assert.equal(bench.rig.observe().bolt, 'up')
    },
  },
  {
    kind: 'vehicle-mid-rise',
    title: 'a vehicle that appears in mid-rise turns the bolt round within 100 ms: it ends down',
    play: async (bench) => {
      await bench.order('down')
      const from = bench.rig.nowMs()
      bench.rig.inject({ kind: 'vehicle-mid-rise', degrees: 60 })
      assert.equal(await bench.order('up'), 'vehicle-present')
      const came = bench.record('vehicle', from, (record) => record.vehiclePresent)
      const after = bench.rig.trace.filter(({ hardwareMs }) => hardwareMs >= came.hardwareMs)
      const highest = after.reduce((peak, record) => (record.degrees > peak.degrees ? record : peak))
      assertSoon(came.hardwareMs, highest.hardwareMs)
      assert.equal(bench.rig.observe().bolt, 'down')
      assert.equal(await bench.order('up'), 'vehicle-present')
    },
  },
  {
    kind: 'tampered',
    title: 'an opened housing takes the power away, and nothing moves until it is closed and re-armed: safe',
    play: async (bench) => {
      void bench.control.moveTo('down')
      await bench.until('a travel', () => bench.rig.observe().degrees < 90)
      const from = bench.rig.nowMs()
      bench.rig.inject({ kind: 'tampered' })
      await bench.untilState('safe')
      await bench.pass(RELAY_OPENS_MS)
      assertSoon(from, bench.record('cut', from, (record) => !record.supplied).hardwareMs)
      assert.deepEqual(bench.told, ['tampered'])
      assert.equal(await bench.order('up'), 'safe')
      assert.equal(await bench.control.rearm(), 'fault')
    },
  },
  {
    kind: 'battery-sag',
    title: 'a worn battery is found low under load, however good it is at rest: battery low',
    play: async (bench) => {
      bench.rig.inject({ kind: 'battery-charge', charge: 0.35 })
      bench.rig.inject({ kind: 'battery-sag', internalOhms: 1.5 })
      await bench.pass(1_500)
      assert.equal(bench.battery, 'charged')
      assert.equal(await bench.order('down'), 'done')
      assert.deepEqual([bench.battery, bench.told], ['low', ['battery-low']])
    },
  },
  {
    kind: 'battery-sag',
    title: 'a sag that resets the board in mid-travel leaves the bolt without power and unknown: link-lost',
    needsChip: true,
    play: async (bench) => {
      bench.rig.inject({ kind: 'battery-sag', internalOhms: 4 })
      void bench.control.moveTo('down')
      await bench.untilState('link-lost')
      assert.deepEqual([bench.loss, bench.told], ['board-reset', ['board-reset']])
      assert.equal(bench.control.position, 'unknown')
      assert.equal(bench.rig.observe().supplied, false)
    },
  },
  {
    kind: 'battery-charge',
    title: 'an empty battery lowers the bolt once, and refuses every command then: battery critical',
    play: async (bench) => {
      bench.rig.inject({ kind: 'battery-charge', charge: 0.02 })
      await bench.until('a critical battery', () => bench.battery === 'critical')
      await bench.untilState('down')
      assert.deepEqual(bench.told, ['battery-critical'])
      assert.equal(await bench.order('up'), 'battery-critical')
      await bench.staysPutWithoutSupply()
    },
  },
  {
    kind: 'adc-open',
    title: 'a current sensor that is cut ends the drive: sensor-fault',
    play: async (bench) => {
      bench.rig.inject({ kind: 'adc-open', channel: 'motorCurrent' })
      assert.equal(await bench.order('down'), 'fault')
      assert.deepEqual([bench.state, bench.told], ['sensor-fault', ['sensor-fault: no-current']])
    },
  },
  {
    kind: 'adc-open',
    title: 'a battery divider that is cut forbids a rise, not the way down: sensor-fault',
    play: async (bench) => {
      bench.rig.inject({ kind: 'adc-open', channel: 'battery' })
      await bench.until('an unreadable battery', () => bench.battery === 'unreadable')
      assert.deepEqual(bench.told, ['sensor-fault: battery-sensor'])
      assert.equal(await bench.order('down'), 'done')
      assert.equal(await bench.order('up'), 'fault')
    },
  },
  {
    kind: 'adc-short',
    title: 'a current that flows without supply is the sensor: sensor-fault',
    play: async (bench) => {
      bench.rig.inject({ kind: 'adc-short', channel: 'motorCurrent' })
      await bench.untilState('sensor-fault')
      assert.deepEqual(bench.told, ['sensor-fault: current-sensor'])
      assert.equal(await bench.order('down'), 'fault')
    },
  },
  {
    kind: 'relay-welded',
    title: 'a relay that does not open is noticed after the drive: safe',
    play: async (bench) => {
      void bench.control.moveTo('down')
      await bench.until('a travel', () => bench.rig.observe().degrees < 90)
      bench.rig.inject({ kind: 'relay-welded' })
      await bench.untilState('safe')
      assert.deepEqual(bench.told, ['power-stuck'])
      // The pulses are off: the servo is limp though it is supplied.
      const { commandedDegrees, supplied, bolt } = bench.rig.observe()
      assert.deepEqual([commandedDegrees, supplied, bolt], [null, true, 'down'])
      assert.equal(await bench.control.rearm(), 'fault')
    },
  },
  {
    kind: 'supply-cut',
    title: 'an emergency stop in mid-travel is latched within 100 ms, and its release moves nothing: safe',
    play: async (bench) => {
      void bench.control.moveTo('down')
      await bench.until('a travel', () => bench.rig.observe().degrees < 70)
      const from = bench.rig.nowMs()
      bench.rig.inject({ kind: 'supply-cut' })
      assertSoon(from, await bench.untilState('safe'))
      assert.deepEqual(bench.told, ['power-missing'])
      bench.rig.mend()
      await bench.staysPutWithoutSupply()
      assert.equal(await bench.order('down'), 'safe')
    },
  },
  {
    kind: 'servo-signal-cut',
    title: 'a servo without its signal draws nothing and gets no power: sensor-fault',
    play: async (bench) => {
      void bench.control.moveTo('down')
      await bench.until('a travel', () => bench.rig.observe().degrees < 70)
      bench.rig.inject({ kind: 'servo-signal-cut' })
      await bench.untilState('sensor-fault')
      assert.deepEqual(bench.told, ['sensor-fault: no-current'])
      await bench.staysPutWithoutSupply()
      assert.equal(bench.rig.observe().bolt, 'between')
    },
  },
  {
    kind: 'host-stall',
    title: 'a host that stands still in mid-travel has its power cut after 500 ms, and stays so: safe',
    needsChip: true,
    play: async (bench) => {
      bench.rig.inject({ kind: 'slow', factor: 0.3 })
      void bench.control.moveTo('down')
      await bench.until('a travel', () => bench.rig.observe().degrees < 100)
      const from = bench.rig.nowMs()
      bench.rig.stallHost?.(700)
      assertSoon(from, bench.record('cut', from, (record) => !record.supplied).hardwareMs, 510)
      await bench.untilState('safe')
      assert.deepEqual(bench.told, ['heartbeat-lost'])
      await bench.staysPutWithoutSupply()
      assert.equal(await bench.order('down'), 'safe')
      bench.rig.mend()
      void bench.control.rearm()
      await bench.untilState('up')
    },
  },
]
