import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boltPosition, boltStands } from './bolt.js'
import { BoltBench, DOWN, NONE, STALL, UP } from './fixtures/bolt-bench.js'
import { IN_STATE } from './fixtures/bolt-in-state.js'

test('a limit that is closed at the start is the position, and nothing moves', () => {
  for (const [sensors, position] of [
    [UP, 'up'],
    [DOWN, 'down'],
  ] as const) {
    const bench = new BoltBench().pass(10, sensors)
    assert.equal(boltPosition(bench.bolt), 'unknown')
    bench.pass(20)
    assert.equal(boltPosition(bench.bolt), position)
    assert.equal(bench.bolt.moves, 0)
    assert.ok(boltStands(bench.bolt))
  }
})

test('without a limit it looks for the upper one, under a vehicle for the lower one', () => {
  const free = new BoltBench().pass(500, NONE)
  assert.deepEqual([free.acts, boltPosition(free.bolt)], [['release', 'raise'], 'unknown'])
  const taken = new BoltBench().pass(500, { ...NONE, vehiclePresent: true })
  assert.deepEqual(taken.acts, ['release', 'lower'])
  taken.pass(20, DOWN)
  assert.equal(boltPosition(taken.bolt), 'down')
})

test('a bouncing switch is believed once it holds still', () => {
  const bench = IN_STATE.rising()
  for (let i = 0; i < 5; i++) bench.pass(10, UP).pass(10, NONE)
  assert.equal(bench.bolt.state, 'rising')
  assert.equal(bench.pass(20, UP).bolt.state, 'up')
})

test('the inrush is no jam; 40 ms of it afterwards are', () => {
  const bench = IN_STATE.lowering()
  bench.pass(120, { amps: 2.5 }).pass(40, { amps: 0.5 })
  bench.pass(30, { amps: 2.5 }).pass(10, { amps: 0.5 })
  assert.equal(bench.bolt.state, 'lowering')
  bench.pass(50, { amps: 2.5 })
  assert.deepEqual([bench.bolt.state, bench.acts.at(-1)], ['jammed', 'release'])
})

test('travel that takes longer than its limit in hardware time is a jam', () => {
  const bench = IN_STATE.lowering()
  assert.equal(bench.pass(2_980).bolt.state, 'lowering')
  assert.equal(bench.pass(40).bolt.state, 'jammed')
})

test('a rise that is blocked is cut, goes back once, keeps its fault, and a later rise clears it', () => {
  const bench = IN_STATE.rising().pass(210, STALL)
  assert.deepEqual([bench.bolt.state, bench.acts.at(-1)], ['obstructed', 'release'])
  bench.pass(170, NONE).pass(30, DOWN)
  assert.deepEqual([bench.bolt.state, bench.bolt.fault], ['down', 'obstructed'])
  bench.pass(5_000)
  assert.deepEqual(bench.acts.slice(-2), ['lower', 'release'])
  assert.equal(bench.ordered('up').pass(20, UP).bolt.fault, undefined)
})

test('a retreat that is blocked too ends with the power off', () => {
  const bench = IN_STATE.rising().pass(600, STALL)
  assert.deepEqual([bench.bolt.state, bench.acts.at(-1)], ['jammed', 'release'])
  assert.equal(boltPosition(bench.bolt), 'unknown')
  assert.equal(boltPosition(bench.pass(20, UP).bolt), 'up')
})

test("the firmware's own over-current cut is a blocked bolt, once", () => {
  const bench = IN_STATE.lowering().pass(10, { cutOff: 'over-current' })
  assert.equal(bench.bolt.state, 'jammed')
  bench.acts = []
  assert.deepEqual(bench.pass(500, { cutOff: 'over-current' }).acts, [])
})

test('a bolt that was pushed away goes back to where it was, and one that springs back moves nothing', () => {
  const bench = IN_STATE.up().pass(300, NONE)
  assert.deepEqual([bench.bolt.state, boltPosition(bench.bolt)], ['forced', 'unknown'])
  bench.pass(2_100)
  assert.equal(bench.acts.at(-1), 'raise')
  assert.deepEqual([bench.pass(20, UP).bolt.state, bench.bolt.fault], ['up', undefined])
  const springy = IN_STATE.up().pass(300, NONE).pass(2_100, UP)
  assert.deepEqual([springy.bolt.state, springy.bolt.moves], ['up', 0])
})

test('both limits heal by themselves, a limit that stayed closed only by being re-armed', () => {
  assert.equal(IN_STATE['sensor-fault']().pass(300, UP).bolt.state, 'up')
  const stuck = IN_STATE.up().ordered('down').pass(800, UP)
  assert.deepEqual([stuck.bolt.state, stuck.bolt.sensorFault], ['sensor-fault', 'limit-closed'])
  stuck.pass(2_000, UP)
  assert.deepEqual([stuck.bolt.state, boltPosition(stuck.bolt)], ['sensor-fault', 'unknown'])
  assert.equal(stuck.ordered('rearm').pass(20, UP).bolt.state, 'up')
})

test('what a lock was made safe for stays after a restart', () => {
  const bench = new BoltBench('tampered').pass(500, NONE)
  assert.deepEqual([bench.bolt.state, bench.acts], ['safe', []])
  assert.equal(bench.ordered('up').refused, 'safe')
})

test('a host that was stalled reads a second of samples from before its own command: no fault of the supply', () => {
  const bench = IN_STATE.up().ordered('down')
  bench.pass(1_500, { ...UP, supply: 'missing' })
  assert.equal(bench.bolt.state, 'lowering')
  bench.pass(300, { ...NONE, supply: 'follows' }).pass(30, DOWN)
  assert.deepEqual([bench.bolt.state, bench.bolt.fault], ['down', undefined])
})
