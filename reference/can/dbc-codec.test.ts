import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeMessage, encodeMessage, MessageTooShort, SignalNotEncodable } from './dbc-codec.js'
import { dbcMessage, type DbcMessage } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'

function message(...signals: string[]): DbcMessage {
  const text = `BO_ 1 M: 8 N\n${signals.map((signal) => ` SG_ ${signal} "" N\n`).join('')}`
  return dbcMessage(parseDbc(text), 'M')
}

const physical = (of: DbcMessage, bytes: number[]) =>
  Object.fromEntries(
    [...decodeMessage(of, Uint8Array.from([...bytes, ...Array<number>(8 - bytes.length).fill(0)]))].map(
      ([name, signal]) => [name, signal.physical],
    ),
  )

test('Intel and Motorola read the same two bytes the other way round', () => {
  assert.deepEqual(physical(message('S : 0|16@1+ (1,0) [0|0]'), [0x12, 0x34]), { S: 0x3412 })
  assert.deepEqual(physical(message('S : 7|16@0+ (1,0) [0|0]'), [0x12, 0x34]), { S: 0x1234 })
})

test('a Motorola signal of 12 bits crosses the byte border', () => {
  // Most significant bit is bit 3 of byte 0: the low nibble of byte 0, then all of byte 1.
  assert.deepEqual(physical(message('S : 3|12@0+ (1,0) [0|0]'), [0xfa, 0xbc]), { S: 0xabc })
})

test('signed values are two’s complement of their length', () => {
  assert.deepEqual(physical(message('S : 4|12@1- (0.5,1) [0|0]'), [0xe0, 0xff]), { S: -2 * 0.5 + 1 })
})

test('floats are IEEE 754', () => {
  const text = 'BO_ 1 M: 8 N\n SG_ F : 0|32@1- (1,0) [0|0] "" N\nSIG_VALTYPE_ 1 F : 1;\n'
  const float = dbcMessage(parseDbc(text), 'M')
  assert.deepEqual(physical(float, [0x00, 0x00, 0xc0, 0x3f]), { F: 1.5 })
  assert.deepEqual([...encodeMessage(float, { F: -2 })], [0, 0, 0, 0xc0, 0, 0, 0, 0])
})

test('64 bits keep every digit as a bigint', () => {
  const wide = message('S : 0|64@1- (1,0) [0|0]')
  const lowest = -(2n ** 63n)
  assert.equal(decodeMessage(wide, encodeMessage(wide, { S: lowest })).get('S')?.raw, lowest)
  assert.equal(decodeMessage(wide, encodeMessage(wide, { S: lowest + 1n })).get('S')?.raw, lowest + 1n)
})

test('only the signals that the multiplexors let in are there, on every level', () => {
  const text = `BO_ 1 M: 8 N
 SG_ Outer M : 0|8@1+ (1,0) [0|0] "" N
 SG_ Inner m1M : 8|8@1+ (1,0) [0|0] "" N
 SG_ Deep m3 : 16|8@1+ (1,0) [0|0] "" N
 SG_ Other m2 : 8|8@1+ (1,0) [0|0] "" N
SG_MUL_VAL_ 1 Inner Outer 1-1;
SG_MUL_VAL_ 1 Deep Inner 3-5, 9-9;
SG_MUL_VAL_ 1 Other Outer 2-2;
`
  const mux = dbcMessage(parseDbc(text), 'M')
  assert.deepEqual(physical(mux, [1, 4, 7]), { Outer: 1, Inner: 4, Deep: 7 })
  assert.deepEqual(physical(mux, [1, 6, 7]), { Outer: 1, Inner: 6 })
  assert.deepEqual(physical(mux, [2, 4, 7]), { Outer: 2, Other: 4 })
  assert.deepEqual([...encodeMessage(mux, { Outer: 1, Inner: 9, Deep: 8 })], [1, 9, 8, 0, 0, 0, 0, 0])
  assert.throws(() => encodeMessage(mux, { Outer: 2, Other: 1, Deep: 8 }), /rules it out/)
})

test('value names are read and written', () => {
  const text = 'BO_ 1 M: 1 N\n SG_ S : 0|2@1+ (1,0) [0|0] "" N\nVAL_ 1 S 0 "off" 2 "on" ;\n'
  const named = dbcMessage(parseDbc(text), 'M')
  assert.deepEqual([...encodeMessage(named, { S: 'on' })], [2])
  assert.equal(decodeMessage(named, Uint8Array.of(2)).get('S')?.valueName, 'on')
  assert.equal(decodeMessage(named, Uint8Array.of(1)).get('S')?.valueName, undefined)
  assert.throws(() => encodeMessage(named, { S: 'maybe' }), SignalNotEncodable)
})

for (const [what, values] of [
  ['a value below its minimum', { S: -1 }],
  ['a value above its maximum', { S: 201 }],
  ['a value that is not a number', { S: Number.NaN }],
  ['no value', {}],
  ['an unknown signal', { S: 1, T: 1 }],
  ['a bigint that would be scaled', { S: 1n }],
] as const) {
  test(`${what} is refused`, () => {
    const limited = message('S : 0|8@1+ (2,0) [0|200]')
    assert.throws(() => encodeMessage(limited, values), SignalNotEncodable)
  })
}

test('a value that the bits cannot hold is refused, not wrapped', () => {
  assert.throws(() => encodeMessage(message('S : 0|8@1+ (1,0) [0|0]'), { S: 256 }), /8 bits/)
  assert.throws(() => encodeMessage(message('S : 0|8@1- (1,0) [0|0]'), { S: -129 }), /8 bits/)
})

test('a frame that is too short is refused', () => {
  assert.throws(() => decodeMessage(message('S : 0|8@1+ (1,0) [0|0]'), new Uint8Array(7)), MessageTooShort)
})

/** Any signal that fits 8 bytes, and a raw value that fits the signal. */
const signalAndRaw = fc
  .record({
    motorola: fc.boolean(),
    signed: fc.boolean(),
    first: fc.nat(63),
    length: fc.integer({ min: 1, max: 64 }),
    seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  })
  .map(({ motorola, signed, first, length, seed }) => {
    const bitLength = Math.min(length, 64 - first)
    // Count Motorola's bits in their own order: bit 7 of byte 0 is the first one.
    const start = motorola ? Math.floor(first / 8) * 8 + (7 - (first % 8)) : first
    const raw = signed ? BigInt.asIntN(bitLength, seed) : BigInt.asUintN(bitLength, seed)
    return {
      text: `S : ${start}|${bitLength}@${motorola ? 0 : 1}${signed ? '-' : '+'} (1,0) [0|0]`,
      raw,
      bitLength,
    }
  })

test('what is encoded is decoded again, whatever the layout, and no other bit is touched', () => {
  fc.assert(
    fc.property(signalAndRaw, ({ text, raw, bitLength }) => {
      const any = message(text)
      const data = encodeMessage(any, { S: raw })
      assert.equal(BigInt(decodeMessage(any, data).get('S')?.raw ?? 'none'), raw)
      const ones = [...data].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
      assert.equal(ones, BigInt.asUintN(bitLength, raw).toString(2).replaceAll('0', '').length)
    }),
  )
})
