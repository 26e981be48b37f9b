import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../rigs/simulated/seeded-random.js'
import { DbcSyntaxError, type DbcDatabase } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'

const HEAD = 'VERSION ""\nNS_ :\nBS_:\nBU_: A B\n'
const M = 'BO_ 100 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "" B\n'
const T = ' SG_ T : 8|8@1+ (1,0) [0|0] "" B\n'

for (const [what, text, line, column, leftOut] of [
  [
    'a statement without its semicolon',
    `${M}${T}VAL_ 100 S 0 "off"\nVAL_ 100 T 2 "x" ;`,
    5,
    1,
    'the statement VAL_ of line 4',
  ],
  ['a bare m', `${M} SG_ U m : 16|2@1+ (1,0) [0|3] "" B\n${T}`, 3, 8, 'signal U'],
  ['a signal of 1600 bits', `${M} SG_ U : 24|1600@1+ (1,0) [0|0] "" B\n${T}`, 3, 13, 'signal U'],
  ['a signal that is there twice', `${M} SG_ S : 16|8@1+ (1,0) [0|0] "" B\n${T}`, 3, 6, 'the second one'],
  [
    'a type of attribute that is none',
    `${M}${T}BA_DEF_ BO_ "X" BOOL;`,
    4,
    17,
    'the statement BA_DEF_ of line 4',
  ],
  ['a character that starts nothing', `${M}§ 1\n${T}`, 3, 1, 'line 3'],
  ['a string that does not end', `${M}${T}CM_ "never ends\n`, 4, 5, 'the statement CM_ of line 4'],
  ['a string that ends in another', `CM_ "never ends ;\n${M}${T}`, 3, 30, 'the statement CM_ of line 1'],
  [
    'a message id of 31 bits',
    `${M}${T}BO_ 1610612736 K: 8 A\n SG_ X : 0|8@1+ (1,0) [0|0] "" B`,
    4,
    5,
    'the statement BO_ of line 4',
  ],
  ['a word that starts nothing', `${M}${T}hello 1 2;\nCM_ SG_ 100 T "t";`, 4, 1, 'line 4'],
  [
    'a bad statement before another on its line',
    `${M}${T}BA_ "x" foo 3; CM_ SG_ 100 T "t";`,
    4,
    9,
    'the statement BA_ of line 4',
  ],
] as const) {
  test(`${what} is left out by a lenient reader, which keeps the rest; a strict one names the place`, () => {
    assert.throws(
      () => parseDbc(text),
      (error) => error instanceof DbcSyntaxError && error.line === line && error.column === column,
    )
    const { byName, warnings } = parseDbc(text, { strict: false })
    const faults = warnings.filter((warning) => warning.leftOut)
    assert.deepEqual(
      faults.map((fault) => [fault.line, fault.column]),
      [[line, column]],
      JSON.stringify(warnings),
    )
    assert.ok(faults[0]?.problem.endsWith(`; ${leftOut} is left out`), faults[0]?.problem)
    assert.deepEqual(
      byName.get('M')?.signals.map(({ name }) => name),
      ['S', 'T'],
    )
    assert.deepEqual([...byName.keys()], ['M'])
  })
}

test('signals that multiplex each other in a circle are left out by a lenient reader', () => {
  const text = `${M} SG_ A m1M : 8|8@1+ (1,0) [0|0] "" B\n SG_ C m1M : 16|8@1+ (1,0) [0|0] "" B\nSG_MUL_VAL_ 100 A C 1-1;\nSG_MUL_VAL_ 100 C A 1-1;`
  assert.throws(() => parseDbc(text), DbcSyntaxError)
  const { byName } = parseDbc(text, { strict: false })
  assert.deepEqual(
    byName.get('M')?.signals.map(({ name }) => name),
    ['S'],
  )
})

test('a text of which nothing can be read is no DBC file, to a lenient reader too', () => {
  assert.throws(() => parseDbc('<?xml version="1.0"?>\n<a/>', { strict: false }), DbcSyntaxError)
})

const BAD = [
  'BA_DEF_ BO_ "X" BOOL;',
  'VAL_ 1 S0 0 "off" 1 "on"',
  'CM_ SG_ 1 S0 "cut',
  'BO_ nonsense',
  'BO_ 1 M: 8',
  '§§§ "x',
  '"quoted',
  'hello world',
  'BA_ "GenMsgCycleTime" BO_ 1',
  'SG_MUL_VAL_ 1 S0 M 5-1;',
] as const
const BAD_SIGNALS = [
  ' SG_ X m : 0|8@1+ (1,0) [0|0] "" A',
  ' SG_ X : 0|1600@1+ (1,0) [0|0] "" A',
  ' SG_ : 1',
  ' SG_ X : 0|8@1+ (1,0) [0|0] "cut',
]

/** What frames need of a database, without the warnings. */
const shown = ({ messages }: DbcDatabase) =>
  messages.map(({ name, id, signals, comment }) => [
    name,
    id,
    comment,
    signals.map((signal) => [signal.name, signal.startBit, signal.comment, ...signal.valueNames]),
  ])

test('whatever bad lines stand between good ones, no good statement and no good signal is lost', () => {
  const random = seededRandom(11)
  const below = (n: number) => Math.floor(random() * n)
  let bad = 0
  for (let run = 0; run < 200; run++) {
    const lines: { readonly text: string; readonly signal?: boolean }[] = []
    const count = 1 + below(6)
    for (let m = 1; m <= count; m++) {
      lines.push({ text: `BO_ ${m} M${m}: 8 A` })
      for (let s = below(5); s >= 0; s--) {
        lines.push({
          text: ` SG_ S${s} : ${s * 8}|8@1${random() < 0.5 ? '+' : '-'} (1,0) [0|0] "u" A`,
          signal: true,
        })
      }
    }
    for (let m = 1; m <= count; m++) {
      lines.push({ text: `CM_ BO_ ${m} "about ${m}";` })
      lines.push({ text: `CM_ SG_ ${m} S0 "two\nlines";` })
      lines.push({ text: `VAL_ ${m} S0 0 "off" 1 "on" ;` })
    }
    const good = `${HEAD}${lines.map(({ text }) => text).join('\n')}\n`
    const mixed = lines.flatMap(({ text, signal }) => {
      if (random() < 0.6) return [text]
      bad++
      const pool: readonly string[] = signal && random() < 0.7 ? BAD_SIGNALS : BAD
      const line = pool[below(pool.length)] as string
      // A bad message takes the signals below it along: it stands where none follow.
      const takesAlong = line.startsWith('BO_') || (signal && /^[A-Z]/.test(line))
      return signal && takesAlong ? [text, BAD_SIGNALS[0]] : signal ? [text, line] : [line, text]
    })
    const lenient = parseDbc(`${HEAD}${mixed.join('\n')}\n`, { strict: false })
    assert.deepEqual(shown(lenient), shown(parseDbc(good)), `run ${run}:\n${mixed.join('\n')}`)
  }
  assert.ok(bad > 500, `${bad} bad lines`)
})
