import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visibleText } from './visible-text.js'

test('nothing that a terminal obeys is left in a text', () => {
  for (let code = 0; code <= 0x2100; code++) {
    const character = String.fromCharCode(code)
    const obeyed =
      code < 0x20 ||
      (code >= 0x7f && code <= 0x9f) ||
      code === 0x061c ||
      code === 0x200e ||
      code === 0x200f ||
      (code >= 0x2028 && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069)
    const shown = visibleText(`a${character}b`)
    assert.equal(shown, obeyed ? `a\\u${code.toString(16).padStart(4, '0')}b` : `a${character}b`)
    const kept = character === '\n' || character === '\t' || !obeyed
    assert.equal(visibleText(`a${character}b`, true), kept ? `a${character}b` : shown)
  }
  assert.equal(visibleText('国贸 \u{1f697} é'), '国贸 \u{1f697} é')
})

test('JSON stays the same value', () => {
  const value = { name: 'a\u001b]0;x\u0007\u009b31m\u202eb\n\u2028' }
  assert.deepEqual(JSON.parse(visibleText(JSON.stringify(value))), value)
})
