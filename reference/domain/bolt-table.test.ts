import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BOLT_TABLE, type BoltSignal, type BoltState } from './bolt-table.js'
import { BOTH, DOWN, NONE, STALL, UP, type BoltBench } from './fixtures/bolt-bench.js'
import { IN_STATE } from './fixtures/bolt-in-state.js'

/** How each signal is brought about in a state in which it can come. */
const HAPPENS: Record<BoltSignal, (bench: BoltBench) => BoltBench> = {
  'contacts-read': (bench) => bench.pass(20, NONE),
  'command-up': (bench) => bench.ordered('up'),
  'command-up-vehicle': (bench) => bench.pass(10, { vehiclePresent: true }).ordered('up'),
  'command-down': (bench) => bench.ordered('down'),
  'command-safe': (bench) => bench.ordered('safe'),
  'command-rearm': (bench) => bench.ordered('rearm'),
  'command-rearm-unsafe': (bench) => bench.pass(10, { tampered: true }).ordered('rearm'),
  'at-up': (bench) => bench.pass(20, UP),
  'at-down': (bench) => bench.pass(20, DOWN),
  'at-none': (bench) => bench.pass(250, NONE),
  'at-none-vehicle': (bench) => bench.pass(250, { ...NONE, vehiclePresent: true }),
  'vehicle-under-rise': (bench) => bench.pass(10, { vehiclePresent: true }),
  'rise-blocked': (bench) => bench.pass(210, STALL),
  'fall-blocked': (bench) => bench.pass(210, STALL),
  'retreat-due': (bench) => bench.pass(160, NONE),
  'restore-up': (bench) => bench.pass(2_010, NONE),
  'restore-down': (bench) => bench.pass(2_010, { ...NONE, vehiclePresent: true }),
  'battery-critical': (bench) => bench.batteryCritical(),
  'both-limits': (bench) => bench.pass(20, BOTH),
  'limit-closed': (bench) => bench.pass(720, bench.bolt.drive?.towards === 'up' ? DOWN : UP),
  'no-current': (bench) => bench.pass(420, { ...NONE, amps: 0.01 }),
  'current-sensor': (bench) => bench.pass(270, { amps: 5 }),
  tampered: (bench) => bench.pass(20, { tampered: true }),
  'power-stuck': (bench) => bench.pass(3_020, { supply: 'stuck' }),
  'power-missing': (bench) => bench.pass(3_020, { supply: 'missing' }),
  'heartbeat-lost': (bench) => bench.pass(10, { cutOff: 'heartbeat-lost' }),
}

/** What must come of it: the state, what the hardware is told, and why a command is refused. */
const EXPECTED: Record<BoltState, Partial<Record<BoltSignal, string>>> = {
  boot: {
    'contacts-read': 'homing release',
    'command-up': 'boot',
    'command-down': 'lowering lower',
    'command-safe': 'safe release',
    'battery-critical': 'lowering lower',
    'heartbeat-lost': 'homing release',
    tampered: 'safe release',
    'both-limits': 'sensor-fault release',
  },
  homing: {
    'command-up': 'homing',
    'command-up-vehicle': 'homing lower refused vehicle-present',
    'command-down': 'lowering lower',
    'command-safe': 'safe release',
    'at-up': 'up release',
    'vehicle-under-rise': 'homing lower',
    'rise-blocked': 'obstructed release',
    'battery-critical': 'lowering lower',
    'both-limits': 'sensor-fault release',
    'no-current': 'sensor-fault release',
    // A motor that seems to draw 5 A is blocked before it is implausible.
    'current-sensor': 'obstructed release',
    tampered: 'safe release',
    'power-missing': 'safe release',
    'heartbeat-lost': 'safe release',
  },
  up: {
    'command-up': 'up',
    'command-down': 'lowering lower',
    'command-safe': 'safe release',
    'command-rearm': 'up',
    'at-down': 'forced release',
    'at-none': 'forced release',
    'at-none-vehicle': 'forced release',
    'vehicle-under-rise': 'up',
    'battery-critical': 'lowering lower',
    'both-limits': 'sensor-fault release',
    'current-sensor': 'sensor-fault release',
    tampered: 'safe release',
    'power-stuck': 'safe release',
    'heartbeat-lost': 'safe release',
  },
  down: {
    'command-up': 'rising raise',
    'command-up-vehicle': 'down refused vehicle-present',
    'command-down': 'down',
    'command-safe': 'safe release',
    'at-up': 'forced release',
    'at-none': 'forced release',
    'battery-critical': 'down',
    'both-limits': 'sensor-fault release',
    'current-sensor': 'sensor-fault release',
    tampered: 'safe release',
    'power-stuck': 'safe release',
    'heartbeat-lost': 'safe release',
  },
  rising: {
    'command-up': 'rising',
    'command-up-vehicle': 'lowering lower refused vehicle-present',
    'command-down': 'lowering lower',
    'command-safe': 'safe release',
    'at-up': 'up release',
    'at-down': 'rising',
    'vehicle-under-rise': 'lowering lower',
    'rise-blocked': 'obstructed release',
    'battery-critical': 'lowering lower',
    'both-limits': 'sensor-fault release',
    'limit-closed': 'sensor-fault release',
    'no-current': 'sensor-fault release',
    'current-sensor': 'obstructed release',
    tampered: 'safe release',
    'power-missing': 'safe release',
    'heartbeat-lost': 'safe release',
  },
  lowering: {
    'command-up': 'rising raise',
    'command-up-vehicle': 'lowering refused vehicle-present',
    'command-down': 'lowering',
    'command-safe': 'safe release',
    'at-up': 'lowering',
    'at-down': 'down release',
    'vehicle-under-rise': 'lowering',
    'fall-blocked': 'jammed release',
    'battery-critical': 'lowering',
    'both-limits': 'sensor-fault release',
    'limit-closed': 'sensor-fault release',
    'no-current': 'sensor-fault release',
    tampered: 'safe release',
    'power-missing': 'safe release',
    'heartbeat-lost': 'safe release',
  },
  obstructed: {
    'command-up': 'obstructed refused fault',
    'command-down': 'obstructed',
    'command-safe': 'safe release',
    'retreat-due': 'obstructed lower',
    tampered: 'safe release',
    'both-limits': 'sensor-fault release',
    'heartbeat-lost': 'safe release',
  },
  jammed: {
    'command-up': 'rising raise',
    'command-up-vehicle': 'jammed refused vehicle-present',
    'command-down': 'lowering lower',
    'command-safe': 'safe release',
    'command-rearm': 'homing release',
    'at-up': 'jammed',
    'at-down': 'jammed',
    'at-none': 'jammed',
    'battery-critical': 'lowering lower',
    'both-limits': 'sensor-fault release',
    tampered: 'safe release',
    'power-stuck': 'safe release',
  },
  forced: {
    'command-up': 'rising raise',
    'command-up-vehicle': 'forced refused vehicle-present',
    'command-down': 'lowering lower',
    'command-safe': 'safe release',
    'command-rearm': 'homing release',
    'at-none': 'forced',
    'restore-up': 'homing raise',
    'restore-down': 'homing lower',
    'battery-critical': 'lowering lower',
    'both-limits': 'sensor-fault release',
    tampered: 'safe release',
  },
  'sensor-fault': {
    'command-up': 'sensor-fault refused fault',
    'command-down': 'sensor-fault refused fault',
    'command-safe': 'safe release',
    'command-rearm': 'homing release',
    'at-none': 'sensor-fault',
    'battery-critical': 'sensor-fault',
    tampered: 'safe release',
    'power-stuck': 'safe release',
  },
  safe: {
    'command-up': 'safe refused safe',
    'command-up-vehicle': 'safe refused safe',
    'command-down': 'safe refused safe',
    'command-safe': 'safe',
    'command-rearm': 'homing release',
    'command-rearm-unsafe': 'safe refused fault',
    'at-down': 'safe',
    'at-none': 'safe',
    'both-limits': 'safe',
    'battery-critical': 'safe',
    tampered: 'safe',
    'power-stuck': 'safe',
  },
  'link-lost': {
    'command-up': 'link-lost refused fault',
    'command-down': 'link-lost refused fault',
    'command-rearm': 'link-lost refused fault',
    'command-safe': 'link-lost refused fault',
    'at-up': 'link-lost',
    'battery-critical': 'link-lost',
  },
}

const keys = <K extends string>(record: Partial<Record<K, unknown>>) => Object.keys(record) as K[]

for (const state of keys(IN_STATE)) {
  test(`every signal in ${state}`, () => {
    for (const signal of keys(EXPECTED[state])) {
      const bench = IN_STATE[state]()
      assert.equal(bench.bolt.state, state)
      bench.forget()
      HAPPENS[signal](bench)
      const { bolt, acts, refused } = bench
      const outcome = [bolt.state, ...acts, ...(refused ? [`refused ${refused}`] : [])].join(' ')
      assert.equal(outcome, EXPECTED[state][signal], `${signal} in ${state}`)
    }
  })
}

test('every state that is a stop takes the power away on the way in', () => {
  const stops: BoltState[] = ['safe', 'sensor-fault', 'jammed', 'forced', 'obstructed']
  for (const state of keys(BOLT_TABLE)) {
    for (const signal of keys(BOLT_TABLE[state])) {
      const rule = BOLT_TABLE[state][signal]
      if (!rule || 'refuse' in rule || !stops.includes(rule.to) || signal === 'retreat-due') continue
      assert.equal(rule.act, 'release', `${String(signal)} in ${state}`)
    }
  }
})
