import assert from 'node:assert/strict'
import { assertSoon, RELAY_OPENS_MS, type FaultCase } from './fault-case.js'

/** What the lock must make of each fault of its wires, its battery and its host. */
export const ELECTRICAL_CASES: readonly FaultCase[] = [
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
