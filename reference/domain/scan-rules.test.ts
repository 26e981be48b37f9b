import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCodeForm, SCAN_RULES } from './scan-rules.js'
import { codeOf } from './unlock-code.js'

test('an unlock code’s form is 24 digits of a known version; check digits and order do not matter', () => {
  for (const form of ['single', 'rotating'] as const) assert.ok(hasCodeForm(codeOf(form, '7'.repeat(21))))
  assert.ok(hasCodeForm('1'.repeat(24)), 'wrong check digits are a wrong code, not another thing')
  for (const text of [
    '',
    '3'.repeat(24),
    '1'.repeat(23),
    '1'.repeat(25),
    ` ${'1'.repeat(24)}`,
    `${'1'.repeat(24)}\n`,
    '１'.repeat(24),
    'https://example.com/follow',
  ]) {
    assert.ok(!hasCodeForm(text), JSON.stringify(text))
  }
})

test('only a fresh code opens, only what has the form and is unknown is a guess, and what has no form is never shut out', () => {
  const rules = Object.entries(SCAN_RULES)
  const where = (holds: (rule: (typeof rules)[number][1]) => boolean) =>
    rules.flatMap(([sighting, rule]) => (holds(rule) ? sighting : [])).sort()
  assert.deepEqual(
    where(({ opens }) => opens),
    ['fresh'],
  )
  assert.deepEqual(
    where(({ isGuess }) => isGuess),
    ['foreign', 'misread'],
  )
  assert.deepEqual(
    where(({ canBeThrottled }) => !canBeThrottled),
    ['formless'],
  )
  assert.ok(rules.every(([, { reason }]) => reason.length > 20))
})
