import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeText, detectTextEncoding } from './text-encoding.js'

test('UTF-8 is read as such, and a byte order mark is no part of the text', () => {
  assert.equal(decodeText(Buffer.from('°C 停车')), '°C 停车')
  assert.equal(decodeText(Buffer.from('\uFEFFVERSION')), 'VERSION')
})

test('bytes that are no UTF-8 are Windows-1252', () => {
  assert.equal(decodeText(Uint8Array.of(0xb0, 0x43, 0x20, 0x80, 0x99, 0x9f, 0xe4)), '°C €™Ÿä')
})

test('every byte has a character', () => {
  const text = decodeText(Uint8Array.from({ length: 256 }, (_, byte) => byte))
  assert.equal(new Set(text).size, 256)
})

const GBK = {
  关闭: [0xb9, 0xd8, 0xb1, 0xd5],
  // The second byte of 砛 is a backslash, before the quote that ends the string.
  砛: [0xb3, 0x5c],
}

test('Chinese in GBK is read as such, a backslash as a second byte included', () => {
  const bytes = [...GBK.关闭, ...GBK.砛, 0x22]
  assert.equal(detectTextEncoding(Uint8Array.from(bytes)), 'gbk')
  assert.equal(decodeText(Uint8Array.from(bytes)), '关闭砛"')
})

test('accented words and units are not taken for Chinese', () => {
  for (const word of [
    '"°C"',
    'für Größe',
    'température',
    '"µm" ±0,5',
    'm/s²',
    'ÄÖÜ',
    'naïve £5',
    '5 ° bis 7 °',
  ]) {
    const bytes = Buffer.from(word, 'latin1')
    assert.equal(detectTextEncoding(bytes), 'windows-1252', word)
    assert.equal(decodeText(bytes), word)
  }
})

test('UTF-16 is told by its byte order mark', () => {
  const little = Buffer.from('\uFEFFVERSION "停"', 'utf16le')
  assert.equal(decodeText(little), 'VERSION "停"')
  assert.equal(decodeText(Buffer.from(little).swap16()), 'VERSION "停"')
})

test('an encoding that is told is the one, and the bytes have to be of it', () => {
  assert.equal(decodeText(Uint8Array.from(GBK.关闭), 'latin1'), '¹Ø±Õ')
  assert.equal(decodeText(Uint8Array.of(0x83, 0x5c), 'shift_jis'), 'ソ')
  assert.throws(() => decodeText(Uint8Array.from(GBK.关闭), 'utf-8'), TypeError)
  assert.throws(() => decodeText(Uint8Array.of(0x41), 'klingon'), RangeError)
})
