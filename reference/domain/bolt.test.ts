import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BOLT_TABLE, type BoltSignal, type BoltState } from './bolt-table.js'
import { BOLT_AT_START, boltPosition, boltStands, stepBolt, type Bolt, type BoltSample } from './bolt.js'

const SAMPLE_MS = 10

/** A machine under test: what the sensors say can be set, time passes with each sample. */
class Bench {
  bolt: Bolt = BOLT_AT_START
  acts: string[] = []
  sensors = { limitUp: false, limitDown: false, vehiclePresent: false, motorCurrentAmps: 0 }
  hardwareMs = 0

  pass(hardwareMs: number, sensors: Partial<Omit<BoltSample, 'hardwareMs'>> = {}): this {
    this.sensors = { ...this.sensors, ...sensors }
    for (const end = this.hardwareMs + hardwareMs; this.hardwareMs < end;) {
      this.hardwareMs += SAMPLE_MS
      this.step({ kind: 'sample', sample: { ...this.sensors, hardwareMs: this.hardwareMs } })
    }
    return this
  }

  command(target: 'up' | 'down') {
    return this.step({ kind: 'command', target }).refused
  }

  step(input: Parameters<typeof stepBolt>[1]) {
    const step = stepBolt(this.bolt, input)
    this.bolt = step.bolt
    if (step.act) this.acts.push(step.act)
    return step
  }
}

const UP = { limitUp: true, limitDown: false }
const DOWN = { limitUp: false, limitDown: true }
const NONE = { limitUp: false, limitDown: false }
const BOTH = { limitUp: true, limitDown: true }

/** A bench in each state, the way it gets there. */
const IN_STATE: Record<BoltState, () => Bench> = {
  homing: () => new Bench().pass(230, NONE),
  up: () => new Bench().pass(20, UP),
  down: () => new Bench().pass(20, DOWN),
  raising: () => {
    const bench = IN_STATE.down()
    bench.command('up')
    return bench.pass(20, NONE)
  },
  lowering: () => {
    const bench = IN_STATE.up()
    bench.command('down')
    return bench.pass(20, NONE)
  },
  jammed: () => IN_STATE.lowering().pass(300, { motorCurrentAmps: 2.5 }).pass(10, { motorCurrentAmps: 0 }),
  'sensor-fault': () => IN_STATE.up().pass(20, BOTH),
  unknown: () => {
    const bench = IN_STATE.up()
    bench.step({ kind: 'lost' })
    return bench
  },
}

/** How each signal is brought about. */
const SIGNALS: Record<BoltSignal, (bench: Bench) => unknown> = {
  'command-up': (bench) => bench.command('up'),
  'command-up-vehicle': (bench) => {
    // The machine only remembers the last sample: this one has a vehicle in it, and nothing else has happened yet.
    const sample = bench.bolt.sample
    if (sample) bench.bolt = { ...bench.bolt, sample: { ...sample, vehiclePresent: true } }
    return bench.command('up')
  },
  'command-down': (bench) => bench.command('down'),
  'at-up': (bench) => void bench.pass(20, UP),
  'at-down': (bench) => void bench.pass(20, DOWN),
  'both-limits': (bench) => void bench.pass(20, BOTH),
  'at-none': (bench) => void bench.pass(250, NONE),
  'at-none-vehicle': (bench) => void bench.pass(250, { ...NONE, vehiclePresent: true }),
  'vehicle-under-rise': (bench) => void bench.pass(10, { vehiclePresent: true }),
  stalled: (bench) => void bench.pass(220, { motorCurrentAmps: 2.5 }),
}

/** What must come of it: the state, what the hardware is told, and why a command is refused. */
const EXPECTED: Record<BoltState, Partial<Record<BoltSignal, string>>> = {
  homing: {
    'command-up': 'homing',
    'command-up-vehicle': 'homing refused vehicle-present',
    'command-down': 'lowering lower',
    'at-up': 'up release',
    'at-down': 'homing',
    'both-limits': 'sensor-fault release',
    'at-none': 'homing',
    'at-none-vehicle': 'homing lower',
    'vehicle-under-rise': 'homing lower',
    stalled: 'jammed release',
  },
  up: {
    'command-up': 'up',
    'command-up-vehicle': 'up',
    'command-down': 'lowering lower',
    'at-up': 'up',
    'at-down': 'down',
    'both-limits': 'sensor-fault release',
    'at-none': 'homing raise',
    'at-none-vehicle': 'homing lower',
    'vehicle-under-rise': 'up',
    stalled: 'up',
  },
  down: {
    'command-up': 'raising raise',
    'command-up-vehicle': 'down refused vehicle-present',
    'command-down': 'down',
    'at-up': 'up',
    'at-down': 'down',
    'both-limits': 'sensor-fault release',
    'at-none': 'homing lower',
    'at-none-vehicle': 'homing lower',
    'vehicle-under-rise': 'down',
    stalled: 'down',
  },
  raising: {
    'command-up': 'raising',
    'command-up-vehicle': 'raising refused vehicle-present',
    'command-down': 'lowering lower',
    'at-up': 'up release',
    'at-down': 'raising',
    'both-limits': 'sensor-fault release',
    'at-none': 'raising',
    'at-none-vehicle': 'lowering lower',
    'vehicle-under-rise': 'lowering lower',
    stalled: 'lowering lower',
  },
  lowering: {
    'command-up': 'raising raise',
    'command-up-vehicle': 'lowering refused vehicle-present',
    'command-down': 'lowering',
    'at-up': 'lowering',
    'at-down': 'down release',
    'both-limits': 'sensor-fault release',
    'at-none': 'lowering',
    'at-none-vehicle': 'lowering',
    'vehicle-under-rise': 'lowering',
    stalled: 'jammed release',
  },
  jammed: {
    'command-up': 'raising raise',
    'command-up-vehicle': 'jammed refused vehicle-present',
    'command-down': 'lowering lower',
    'at-up': 'jammed',
    'at-down': 'jammed',
    'both-limits': 'sensor-fault release',
    'at-none': 'jammed',
    'at-none-vehicle': 'jammed',
    'vehicle-under-rise': 'jammed',
    stalled: 'jammed',
  },
  'sensor-fault': {
    'command-up': 'sensor-fault refused fault',
    'command-up-vehicle': 'sensor-fault refused fault',
    'command-down': 'sensor-fault refused fault',
    'at-up': 'up',
    'at-down': 'down',
    'both-limits': 'sensor-fault',
    'at-none': 'sensor-fault',
    'at-none-vehicle': 'sensor-fault',
    'vehicle-under-rise': 'sensor-fault',
    stalled: 'sensor-fault',
  },
  unknown: {
    'command-up': 'unknown refused fault',
    'command-up-vehicle': 'unknown refused fault',
    'command-down': 'unknown refused fault',
    'at-up': 'unknown',
    'at-down': 'unknown',
    'both-limits': 'unknown',
    'at-none': 'unknown',
    'at-none-vehicle': 'unknown',
    'vehicle-under-rise': 'unknown',
    stalled: 'unknown',
  },
}

const keys = <K extends string>(record: Partial<Record<K, unknown>>) => Object.keys(record) as K[]

for (const state of keys(IN_STATE)) {
  test(`every signal in ${state}`, () => {
    for (const signal of keys(SIGNALS)) {
      const bench = IN_STATE[state]()
      assert.equal(bench.bolt.state, state)
      bench.acts = []
      const refused = SIGNALS[signal](bench) as string | undefined
      const outcome = [bench.bolt.state, ...bench.acts, ...(refused ? [`refused ${refused}`] : [])].join(' ')
      assert.equal(outcome, EXPECTED[state][signal], `${signal} in ${state}`)
    }
  })
}

test('the table has a line for every state', () => {
  assert.deepEqual(keys(BOLT_TABLE).sort(), keys(IN_STATE).sort())
})

test('a limit that is closed at the start is the position, and nothing moves', () => {
  for (const [sensors, position] of [
    [UP, 'up'],
    [DOWN, 'down'],
  ] as const) {
    const bench = new Bench().pass(10, sensors)
    assert.equal(boltPosition(bench.bolt), 'unknown')
    bench.pass(10)
    assert.equal(boltPosition(bench.bolt), position)
    assert.equal(bench.bolt.moves, 0)
    assert.ok(boltStands(bench.bolt))
  }
})

test('without a limit it looks for the upper one, under a vehicle for the lower one', () => {
  const free = new Bench().pass(500, NONE)
  assert.deepEqual([free.acts, boltPosition(free.bolt)], [['raise'], 'unknown'])
  const taken = new Bench().pass(500, { ...NONE, vehiclePresent: true })
  assert.deepEqual(taken.acts, ['lower'])
  taken.pass(20, DOWN)
  assert.equal(boltPosition(taken.bolt), 'down')
})

test('a bouncing switch is believed once it holds still', () => {
  const bench = IN_STATE.raising()
  for (let i = 0; i < 5; i++) bench.pass(10, UP).pass(10, NONE)
  assert.equal(bench.bolt.state, 'raising')
  assert.equal(bench.pass(20, UP).bolt.state, 'up')
})

test('the inrush is no jam; 40 ms of it afterwards are', () => {
  const bench = IN_STATE.lowering()
  bench.pass(120, { motorCurrentAmps: 2.5 }).pass(40, { motorCurrentAmps: 0.5 })
  bench.pass(30, { motorCurrentAmps: 2.5 }).pass(10, { motorCurrentAmps: 0.5 })
  assert.equal(bench.bolt.state, 'lowering')
  bench.pass(50, { motorCurrentAmps: 2.5 })
  assert.deepEqual([bench.bolt.state, bench.acts.at(-1)], ['jammed', 'release'])
})

test('travel that takes longer than its limit in hardware time is a jam', () => {
  const bench = IN_STATE.lowering()
  assert.equal(bench.pass(2_970).bolt.state, 'lowering')
  assert.equal(bench.pass(30).bolt.state, 'jammed')
})

test('a rise that jams goes back once, keeps its fault, and a later rise clears it', () => {
  const bench = IN_STATE.raising().pass(220, { motorCurrentAmps: 2.5 })
  assert.deepEqual([bench.bolt.state, bench.bolt.fault], ['lowering', 'jammed'])
  bench.pass(20, { ...DOWN, motorCurrentAmps: 0 })
  assert.deepEqual([bench.bolt.state, bench.bolt.fault], ['down', 'jammed'])
  bench.pass(5_000)
  assert.deepEqual(bench.acts.slice(-2), ['lower', 'release'])
  bench.command('up')
  assert.equal(bench.pass(20, UP).bolt.fault, undefined)
})

test('a retreat that jams too ends with the power off', () => {
  const bench = IN_STATE.raising().pass(500, { motorCurrentAmps: 2.5 })
  assert.deepEqual([bench.bolt.state, bench.acts.at(-1)], ['jammed', 'release'])
  assert.equal(boltPosition(bench.bolt), 'unknown')
  assert.equal(boltPosition(bench.pass(20, UP).bolt), 'up')
})

test('whatever happens: never driven up under a vehicle, never driven for longer than the travel limit', () => {
  const event = fc.oneof(
    fc.record({
      kind: fc.constant('command' as const),
      target: fc.constantFrom('up' as const, 'down' as const),
    }),
    fc.record({
      kind: fc.constant('sensors' as const),
      limitUp: fc.boolean(),
      limitDown: fc.boolean(),
      vehiclePresent: fc.boolean(),
      motorCurrentAmps: fc.constantFrom(0, 0.5, 2.5),
      forMs: fc.integer({ min: 10, max: 900 }),
    }),
  )
  fc.assert(
    fc.property(fc.array(event, { maxLength: 25 }), (events) => {
      const bench = new Bench()
      for (const happening of events) {
        if (happening.kind === 'command') bench.command(happening.target)
        else {
          const { forMs, limitUp, limitDown, vehiclePresent, motorCurrentAmps } = happening
          bench.pass(forMs, { limitUp, limitDown, vehiclePresent, motorCurrentAmps })
        }
        const { drive, sample, state } = bench.bolt
        if (drive && sample) {
          assert.ok(!(drive.towards === 'up' && sample.vehiclePresent))
          assert.ok(sample.hardwareMs - drive.sinceMs <= 3_010)
        }
        assert.equal(
          drive !== undefined,
          ['raising', 'lowering'].includes(state) || (state === 'homing' && !!drive),
        )
      }
    }),
    { numRuns: 200 },
  )
})
