import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DbcSyntaxError } from '../../reference/can/dbc-model.js'
import { parseDbc } from '../../reference/can/dbc-parser.js'
import { dbcFuzz } from './dbc-fuzz.js'
import { fuzz } from './fuzz.js'

test('mutated DBC files are read or refused with their place, and what is read decodes any frame', async () => {
  const figures = await fuzz(dbcFuzz, { count: 3_000, seed: 3 })
  assert.ok(figures.accepted > 300, JSON.stringify(figures))
  assert.ok((figures.refused['DbcSyntaxError'] ?? 0) > 300, JSON.stringify(figures))
})

const MANY = 20_000
const repeat = (row: (n: number) => string) => Array.from({ length: MANY }, (_, n) => row(n)).join('')
const signal = (name: string, place: string) => ` SG_ ${name} : ${place}@1+ (1,0) [0|0] "" N\n`

for (const [what, text] of [
  ['a megabyte of signals without an end', `BO_ 1 M: 8 N\n${' SG_ S '.repeat(150_000)}`],
  ['a megabyte of symbols', `NS_ : ${'CM_ '.repeat(250_000)}`],
  ['a string that never ends', `CM_ "${'x\n'.repeat(500_000)}`],
  ['a string of escapes', `CM_ "${'\\'.repeat(1_000_000)}`],
  ['a number of a million digits', `BO_ ${'1'.repeat(1_000_000)}`],
  ['a million quotes', '"'.repeat(1_000_000)],
] as const) {
  test(`${what} is refused in a moment`, () => {
    assert.throws(() => parseDbc(text), DbcSyntaxError)
  })
}

for (const [what, text] of [
  ['plain', `BO_ 1 M: 65535 N\n${repeat((n) => signal(`S${n}`, `${n * 8}|8`))}`],
  ['multiplexed', `BO_ 1 M: 8 N\n${signal('X M', '0|16')}${repeat((n) => signal(`S${n} m${n}`, '16|48'))}`],
  ['overlapping', `BO_ 1 M: 8 N\n${repeat((n) => signal(`S${n}`, '0|64'))}`],
  [
    'nested',
    `BO_ 1 M: 8 N\n${signal('S0 M', '0|8')}${repeat((n) => signal(`S${n + 1} m1M`, '0|8'))}` +
      repeat((n) => `SG_MUL_VAL_ 1 S${n + 1} S${n} 1-1;\n`),
  ],
] as const) {
  test(`${MANY} ${what} signals of one message are read`, () => {
    const [message] = parseDbc(text, { strict: false }).messages
    assert.ok((message?.signals.length ?? 0) >= MANY)
  })
}
