import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDbcText } from './dbc-text.js'

test('UTF-8 is read as such, and a byte order mark is no part of the text', () => {
  assert.equal(readDbcText(Buffer.from('°C 停车')), '°C 停车')
  assert.equal(readDbcText(Buffer.from('\uFEFFVERSION')), 'VERSION')
})

test('bytes that are no UTF-8 are Windows-1252', () => {
  assert.equal(readDbcText(Uint8Array.of(0xb0, 0x43, 0x20, 0x80, 0x99, 0x9f, 0xe4)), '°C €™Ÿä')
})

test('every byte has a character', () => {
  const text = readDbcText(Uint8Array.from({ length: 256 }, (_, byte) => byte))
  assert.equal(new Set(text).size, 256)
})
