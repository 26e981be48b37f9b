import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeMessage, encodeMessage } from './dbc-codec.js'
import { DbcSyntaxError, dbcMessage } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'

const signals = (...rows: string[]) => rows.map((row) => ` SG_ ${row}@1+ (1,0) [0|0] "" N\n`).join('')
const file = (rows: string[], ranges: string[] = []) =>
  `BO_ 1 M: 8 N\n${signals(...rows)}${ranges.map((range) => `SG_MUL_VAL_ 1 ${range};\n`).join('')}`

for (const [what, rows, ranges] of [
  ['at two values of one multiplexor', ['A M : 0|8', 'B m1 : 8|8', 'C m2 : 8|8'], []],
  [
    'in ranges that meet nowhere',
    ['A M : 0|8', 'B m0 : 8|8', 'C m0 : 8|8'],
    ['B A 0-3, 9-9', 'C A 4-8, 10-20'],
  ],
  [
    'below two values of an outer multiplexor',
    ['A M : 0|8', 'B m0M : 8|8', 'C m1M : 8|8', 'D m0 : 16|8', 'E m0 : 16|8'],
    ['B A 0-0', 'C A 1-1', 'D B 0-0', 'E C 0-0'],
  ],
] as const) {
  test(`signals share their bits ${what}`, () => {
    assert.deepEqual(parseDbc(file([...rows], [...ranges])).warnings, [])
  })
}

for (const [what, rows, ranges, problem] of [
  ['a plain one', ['A M : 0|8', 'P : 8|8', 'B m1 : 15|2'], [], /P and B overlap/],
  ['its multiplexor', ['A M : 0|8', 'B m1 : 7|2'], [], /A and B overlap/],
  ['another one at the same value', ['A M : 0|8', 'B m1 : 8|8', 'C m1 : 15|2'], [], /B and C overlap/],
  [
    'another one in a range that begins inside its own',
    ['A M : 0|8', 'B m0 : 8|8', 'C m0 : 8|8'],
    ['B A 0-9', 'C A 9-12'],
    /B and C overlap/,
  ],
  [
    'one of another multiplexor',
    ['A M : 0|8', 'B M : 8|8', 'C m0 : 16|8', 'D m0 : 23|8'],
    ['C A 0-0', 'D B 1-1'],
    /C and D overlap/,
  ],
  [
    'one two levels below another',
    ['A M : 0|8', 'B m0M : 8|8', 'C m0 : 16|8', 'D m0 : 16|8'],
    ['B A 0-0', 'C B 5-5', 'D A 0-0'],
    /C and D overlap/,
  ],
] as const) {
  test(`a multiplexed signal on the bits of ${what} is an error`, () => {
    assert.throws(() => parseDbc(file([...rows], [...ranges])), problem)
  })
}

for (const [what, ranges, problem] of [
  ['in a circle', ['A B 1-1', 'B A 1-1'], /A multiplexes itself, by B/],
  ['by itself', ['A A 1-1'], /A multiplexes itself/],
  ['by a plain signal', ['A P 1-1'], /P is no multiplexor/],
  ['by what is not there', ['A Q 1-1'], /Q is no multiplexor/],
  ['in a range that runs backwards', ['A B 3-1'], /range from 3 to 1/],
] as const) {
  test(`signals that are multiplexed ${what} are an error`, () => {
    const text = file(['A m1M : 0|8', 'B m1M : 8|8', 'P : 16|8'], [...ranges])
    assert.throws(() => parseDbc(text), DbcSyntaxError)
    assert.throws(() => parseDbc(text), problem)
  })
}

test('a chain of a thousand multiplexors, as a lenient reader takes it, is decoded to its end', () => {
  const depth = 1_000
  const rows = Array.from({ length: depth }, (_, n) => `S${n} ${n === 0 ? 'M' : 'm1M'} : 0|8`)
  const ranges = Array.from({ length: depth - 1 }, (_, n) => `S${n + 1} S${n} 1-1`)
  const message = dbcMessage(parseDbc(file(rows, ranges), { strict: false }), 'M')
  assert.equal(decodeMessage(message, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)).size, depth)
  assert.equal(decodeMessage(message, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0)).size, 1)
})

test('every value of a wide multiplexor is told from its neighbours', () => {
  const rows = ['A M : 0|16', ...Array.from({ length: 300 }, (_, n) => `S${n} m${n * 200} : 16|8`)]
  const message = dbcMessage(parseDbc(file(rows)), 'M')
  for (let value = 0; value < 65_536; value += 50) {
    const data = Uint8Array.of(value & 255, value >> 8, 7, 0, 0, 0, 0, 0)
    const inside = value % 200 === 0 && value < 60_000
    assert.deepEqual([...decodeMessage(message, data).keys()], inside ? ['A', `S${value / 200}`] : ['A'])
  }
})

test('two multiplexors choose independently', () => {
  const rows = ['A M : 0|8', 'B M : 8|8', 'C m0 : 16|8', 'D m0 : 24|8', 'E m1 : 16|8', 'F m1 : 24|8']
  const message = dbcMessage(parseDbc(file(rows, ['C A 0-0', 'D B 0-0', 'E A 1-1', 'F B 1-1'])), 'M')
  const names = (a: number, b: number) =>
    [...decodeMessage(message, Uint8Array.of(a, b, 0, 0, 0, 0, 0, 0)).keys()].join('')
  assert.deepEqual(
    [names(0, 0), names(0, 1), names(1, 0), names(1, 1), names(2, 2)],
    ['ABCD', 'ABCF', 'ABDE', 'ABEF', 'AB'],
  )
  assert.deepEqual([...encodeMessage(message, { A: 1, B: 0, D: 4, E: 5 })], [1, 0, 5, 4, 0, 0, 0, 0])
})
