import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { faultClassOf } from './fault-class.js'
import { errorOfRecord, recordFault } from './fault-record.js'
import {
  ProductFault,
  productFault,
  RigFault,
  SafeStateFault,
  UsageFault,
  type FaultClass,
} from './faults.js'

class NoScreen extends RigFault {
  override readonly name = 'NoScreen'
}

/** What `work` throws. */
function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return assert.fail('nothing was thrown')
}

const equal = thrownBy(() => assert.equal(1, 2))
const screen = new NoScreen('dark')
const unsafe = new SafeStateFault('no readback')
const cyclic = new Error('outer')
cyclic.cause = new Error('inner', { cause: cyclic })

const cases: [string, unknown, FaultClass | undefined][] = [
  ['a product fault', new ProductFault('x'), 'product'],
  ['an exported productFault', productFault('x'), 'product'],
  ['a usage fault', new UsageFault('x'), 'usage'],
  ['a subclass of the rig fault', screen, 'rig'],
  ['an unproven safe state', unsafe, 'safe-state'],
  ['node:assert', equal, 'product'],
  ['node:assert.fail', thrownBy(() => assert.fail('x')), 'product'],
  ['node:assert.ok', thrownBy(() => assert.ok(0)), 'product'],
  [
    'an assertion of another realm',
    runInNewContext(`Object.assign(new Error(), { actual: 1, expected: 2 })`),
    'product',
  ],
  ['Jest and Playwright', Object.assign(new Error('x'), { matcherResult: { pass: false } }), 'product'],
  [
    'chai, of a value of the wrong kind',
    Object.assign(new Error('x'), { name: 'AssertionError' }),
    'product',
  ],
  ['an assertion on an error of the rig', thrownBy(() => assert.ifError(screen)), 'rig'],
  [
    'an assertion caused by the rig',
    Object.assign(thrownBy(() => assert.equal(1, 2)) as Error, { cause: screen }),
    'rig',
  ],
  ['a plain error', new Error('x'), undefined],
  ['a TypeError', thrownBy(() => (undefined as unknown as string).length), undefined],
  ['a plain error caused by an assertion', new Error('x', { cause: equal }), 'product'],
  ['a rig fault caused by an assertion', new RigFault('x', { cause: equal }), 'rig'],
  ['a product fault caused by the rig', new ProductFault('x', { cause: screen }), 'product'],
  [
    'a rig fault over an unproven safe state',
    new RigFault('x', { cause: new Error('y', { cause: unsafe }) }),
    'safe-state',
  ],
  ['causes in a ring', cyclic, undefined],
  ['several assertions', new AggregateError([equal, equal]), 'product'],
  ['an assertion and an unforeseen error', new AggregateError([equal, new Error('x')]), 'rig'],
  ['an assertion and an unproven safe state', new AggregateError([equal, unsafe]), 'safe-state'],
  ['an AggregateError of nothing', new AggregateError([]), undefined],
  ['a string', 'x', undefined],
  ['nothing', undefined, undefined],
  ['null', null, undefined],
  ['an object with a class', { faultClass: 'product' }, 'product'],
  ['an object with another word for a class', { faultClass: 'none' }, undefined],
  [
    'an object whose getter throws',
    Object.defineProperty({}, 'faultClass', { get: () => assert.fail() }),
    undefined,
  ],
]

for (const [what, thrown, expected] of cases) {
  test(`${what} is ${expected ?? 'unforeseen'}, on both sides of a process boundary`, () => {
    assert.equal(faultClassOf(thrown), expected)
    const record = recordFault(thrown)
    const arrived = errorOfRecord(JSON.parse(JSON.stringify(record)) as typeof record)
    assert.equal(faultClassOf(arrived) ?? undefined, expected)
    assert.equal(arrived.message, record.message)
  })
}

test('a record has the stacks of the causes too', () => {
  const { name, message, stack } = recordFault(new RigFault('no baseline', { cause: new TypeError('odd') }))
  assert.deepEqual([name, message], ['RigFault', 'no baseline'])
  assert.match(
    stack ?? '',
    /no baseline[^]*fault-class\.test[^]*caused by: TypeError: odd[^]*fault-class\.test/,
  )
})
