import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeMessage, encodeMessage, MessageTooShort, SignalNotEncodable } from './dbc-codec.js'
import { dbcMessage, type DbcMessage } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'

function message(rows: string[], tail = ''): DbcMessage {
  return dbcMessage(parseDbc(`BO_ 1 M: 8 N\n${rows.map((row) => ` SG_ ${row} "" N\n`).join('')}${tail}`), 'M')
}

test('a scaled Motorola value on both sides of byte borders encodes to bytes worked out by hand', () => {
  // 250.5 is 50 steps of 0.01 above 250: 0b0000_0011_0010, from bit 0 of byte 0 on down.
  const of = message([
    'T : 0|12@0- (0.01,250) [229.52|270.47]',
    'R : 6|6@0+ (0.1,0) [0|5]',
    'E : 7|1@0+ (1,0) [0|0]',
  ])
  const values = { T: 250.5, R: 3.2, E: 1 }
  const data = encodeMessage(of, values)
  assert.deepEqual([...data], [0b1100_0000, 0b0000_0110, 0b0100_0000, 0, 0, 0, 0, 0])
  assert.deepEqual(Object.fromEntries([...decodeMessage(of, data)].map(([name, s]) => [name, s.physical])), {
    ...values,
    R: 32 * 0.1,
  })
})

test('negative values of 33 and 64 bits encode to bytes worked out by hand', () => {
  const bytes = (row: string, value: number | bigint) => [...encodeMessage(message([row]), { S: value })]
  assert.deepEqual(bytes('S : 0|33@1- (1,0) [0|0]', -5), [0xfb, 0xff, 0xff, 0xff, 1, 0, 0, 0])
  assert.deepEqual(bytes('S : 7|33@0- (1,0) [0|0]', -5), [0xff, 0xff, 0xff, 0xfd, 0x80, 0, 0, 0])
  assert.deepEqual(bytes('S : 7|64@0- (1,0) [0|0]', -5n), [255, 255, 255, 255, 255, 255, 255, 0xfb])
})

test('halves of a step are rounded to the even raw value', () => {
  const of = message(['S : 0|8@1- (2,0) [0|0]'])
  const raw = (physical: number) => decodeMessage(of, encodeMessage(of, { S: physical })).get('S')?.raw
  assert.deepEqual([1, 3, 5, -1, -3, 4.9, 5.1].map(raw), [0, 2, 2, 0, -2, 2, 3])
})

test('a limit that the scaling misses by a rounding error is still inside', () => {
  const of = message(['S : 0|8@1+ (0.1,0) [0|0.3]'])
  assert.equal(encodeMessage(of, { S: 3 * 0.1 })[0], 3)
  assert.throws(() => encodeMessage(of, { S: 0.31 }), /outside 0…0.3/)
})

test('limits are checked for bigints too, and for none when told so', () => {
  const of = message(['S : 0|64@1+ (1,0) [0|100]'])
  assert.throws(() => encodeMessage(of, { S: 101n }), /outside 0…100/)
  assert.equal(encodeMessage(of, { S: 101n }, { limits: false })[0], 101)
  assert.throws(() => encodeMessage(of, { S: 2n ** 64n }, { limits: false }), /64 bits/)
})

test('a single value as both limits is a limit', () => {
  const of = message(['S : 0|8@1+ (1,0) [135|135]'])
  assert.equal(encodeMessage(of, { S: 135 })[0], 135)
  assert.throws(() => encodeMessage(of, { S: 134 }), SignalNotEncodable)
})

test('raw values are taken as they are, and must be whole', () => {
  const of = message(['S : 0|8@1+ (2,10) [10|20]'])
  assert.equal(encodeMessage(of, { S: 200 }, { raw: true })[0], 200)
  assert.throws(() => encodeMessage(of, { S: 1.5 }, { raw: true }), /whole number/)
  assert.throws(() => encodeMessage(of, { S: 256 }, { raw: true }), /8 bits/)
})

test('a name that two values have is refused with both', () => {
  const of = message(['S : 0|8@1+ (1,0) [0|0]'], 'VAL_ 1 S 3 "spare" 2 "spare" 1 "on" ;')
  assert.throws(() => encodeMessage(of, { S: 'spare' }), /names the raw values 3 and 2/)
  assert.equal(encodeMessage(of, { S: 'on' })[0], 1)
})

test('a number beyond a float of 32 bits is refused, infinity is one of its values', () => {
  const of = message(['S : 0|32@1- (1,0) [0|0]'], 'SIG_VALTYPE_ 1 S : 1;')
  assert.throws(() => encodeMessage(of, { S: 1e39 }), /float of 32 bits/)
  const infinite = encodeMessage(of, { S: Number.NEGATIVE_INFINITY })
  assert.equal(decodeMessage(of, infinite).get('S')?.raw, Number.NEGATIVE_INFINITY)
})

test('truncated data gives the signals that are wholly in it, and none below a multiplexor that is not', () => {
  const of = message([
    'A : 0|8@1+ (1,0) [0|0]',
    'B : 15|16@0+ (1,0) [0|0]',
    'X M : 56|8@1+ (1,0) [0|0]',
    'C m0 : 24|8@1+ (1,0) [0|0]',
  ])
  assert.throws(() => decodeMessage(of, new Uint8Array(7)), MessageTooShort)
  const names = (length: number) =>
    [...decodeMessage(of, new Uint8Array(length), { truncated: true }).keys()].join('')
  assert.deepEqual([0, 1, 2, 3, 7, 8, 12].map(names), ['', 'A', 'A', 'AB', 'AB', 'ABXC', 'ABXC'])
})

test('names that objects have by themselves are ordinary signal names', () => {
  const of = message(['constructor : 0|8@1+ (1,0) [0|0]', 'toString : 8|8@1+ (1,0) [0|0]'])
  assert.throws(() => encodeMessage(of, { toString: 1 }), /constructor: no value is given/)
  assert.deepEqual([...encodeMessage(of, { constructor: 1, toString: 2 }).slice(0, 2)], [1, 2])
})
