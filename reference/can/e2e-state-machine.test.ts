import assert from 'node:assert/strict'
import { test } from 'node:test'
import { E2eStateMachine, type E2eStateMachineConfig } from './e2e-state-machine.js'
import { E2eMisconfigured, type E2eCheckStatus } from './e2e-status.js'

const config: E2eStateMachineConfig = {
  init: { windowSize: 2, minOk: 1, maxError: 1 },
  valid: { windowSize: 3, minOk: 1, maxError: 1 },
  invalid: { windowSize: 3, minOk: 2, maxError: 0 },
  clearToInvalid: true,
}

const states = (statuses: readonly E2eCheckStatus[], changes: Partial<E2eStateMachineConfig> = {}) => {
  const machine = new E2eStateMachine({ ...config, ...changes })
  return statuses.map((status) => machine.check(status))
}

test('errors and silence are no data; what comes first is not counted', () => {
  assert.deepEqual(states(['error', 'no-new-data', 'ok', 'ok']), ['no-data', 'no-data', 'init', 'valid'])
  assert.deepEqual(states(['repeated']), ['init'])
})

test('init waits for enough that is ok', () => {
  assert.deepEqual(states(['ok', 'no-new-data', 'repeated', 'ok']), ['init', 'init', 'init', 'valid'])
})

test('too many errors in init are invalid', () => {
  assert.deepEqual(states(['ok', 'error', 'error']), ['init', 'init', 'invalid'])
})

test('one error in the window is borne, the second is not', () => {
  assert.deepEqual(states(['ok', 'ok', 'error', 'ok', 'ok', 'error']).at(-1), 'valid')
  assert.deepEqual(states(['ok', 'ok', 'error', 'ok', 'error']).at(-1), 'invalid')
})

for (const fault of ['repeated', 'wrong-sequence', 'no-new-data'] as const) {
  test(`a window full of ${fault} is invalid, and not before`, () => {
    assert.deepEqual(states(['ok', 'ok', fault, fault, fault]).slice(2), ['valid', 'valid', 'invalid'])
  })
}

test('invalid data prove themselves again', () => {
  const fallen = ['ok', 'ok', 'error', 'error'] as const
  assert.deepEqual(states([...fallen, 'ok', 'ok']).slice(3), ['invalid', 'invalid', 'valid'])
  assert.deepEqual(states([...fallen, 'ok', 'error', 'ok', 'ok']).slice(4), [
    'invalid',
    'invalid',
    'invalid',
    'invalid',
  ])
})

test('without a clear window the errors before the fall count after it', () => {
  const fallen = ['ok', 'ok', 'error', 'error', 'ok', 'ok'] as const
  assert.equal(states(fallen, { clearToInvalid: false }).at(-1), 'invalid')
  assert.equal(states([...fallen, 'ok'], { clearToInvalid: false }).at(-1), 'valid')
})

for (const [what, changes] of [
  ['an empty window', { init: { windowSize: 0, minOk: 1, maxError: 0 } }],
  ['more ok than the window holds', { valid: { windowSize: 3, minOk: 4, maxError: 0 } }],
  ['valid with none that is ok', { invalid: { windowSize: 3, minOk: 0, maxError: 0 } }],
  ['a window longer than that of valid', { invalid: { windowSize: 4, minOk: 1, maxError: 0 } }],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => new E2eStateMachine({ ...config, ...changes }), E2eMisconfigured)
  })
}
