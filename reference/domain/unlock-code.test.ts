import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { createUnlockCode, parseUnlockCode, UNLOCK_CODE_DIGITS } from './unlock-code.js'

test('a new code is 24 digits and parses as itself', () => {
  for (let i = 0; i < 200; i++) {
    const code = createUnlockCode(randomInt)
    assert.equal(code.length, UNLOCK_CODE_DIGITS)
    assert.equal(parseUnlockCode(code), code)
  }
})

test('every single wrong digit and every swap of two neighbours is a misread', () => {
  const code = createUnlockCode(randomInt)
  for (let i = 0; i < code.length; i++) {
    for (const digit of '0123456789') {
      if (digit === code[i]) continue
      assert.equal(parseUnlockCode(code.slice(0, i) + digit + code.slice(i + 1)), undefined)
    }
    const [a, b] = [code[i], code[i + 1]]
    if (b === undefined || a === b) continue
    assert.equal(parseUnlockCode(code.slice(0, i) + b + a + code.slice(i + 2)), undefined)
  }
})

test('what is not 24 digits of this version is a misread', () => {
  for (const text of [
    '',
    '1',
    'x'.repeat(24),
    '3' + '0'.repeat(23),
    'https://example.com',
    '１'.repeat(24),
  ]) {
    assert.equal(parseUnlockCode(text), undefined)
  }
})
