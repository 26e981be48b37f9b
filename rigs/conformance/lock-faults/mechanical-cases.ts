import assert from 'node:assert/strict'
import { DEFAULT_BOLT_THRESHOLDS } from '../../../reference/domain/lock-thresholds.js'
import { assertCutInTime, assertSoon, RELAY_OPENS_MS, type FaultCase } from './fault-case.js'

const { travelHardwareMs } = DEFAULT_BOLT_THRESHOLDS

/** What the lock must make of each fault of its mechanics and switches, and of a vehicle. */
export const MECHANICAL_CASES: readonly FaultCase[] = [
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
]
