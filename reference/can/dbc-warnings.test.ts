import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeMessage, encodeMessage, SignalNotEncodable } from './dbc-codec.js'
import { DbcSyntaxError, dbcMessage } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'

const MESSAGE = 'BO_ 1 M: 8 N\n'
const S = `${MESSAGE} SG_ S : 0|8@1+ (1,0) [0|0] "" N\n`

for (const [what, text, line, column, problem] of [
  ['a comment on a message that is not there', 'CM_ BO_ 7 "x";', 1, 9, /no message 7/],
  ['values of a signal that is not there', `${MESSAGE}VAL_ 1 S 0 "x" ;`, 2, 8, /no signal S/],
  ['a value with two names', `${S}VAL_ 1 S 0 "x" 0 "y" ;`, 3, 16, /named twice/],
  ['values of a variable that is not there', 'VAL_ E 0 "x" ;', 1, 6, /no environment variable E/],
  ['an attribute that is not defined', `${S}BA_ "x" SG_ 1 S 1;`, 3, 5, /"x" is not defined/],
  ['an attribute of a node that is not there', 'BA_DEF_ BU_ "x" INT;\nBA_ "x" BU_ N 1;', 2, 13, /no node N/],
  ['a statement that the format does not have', 'FOO_ 1 2 "x" ;', 1, 1, /FOO_ is no statement/],
  ['a name that starts with a digit', 'BO_ 1 4WD: 8 N', 1, 7, /starts with a digit/],
  ['a minimum above its maximum', `${MESSAGE} SG_ S : 0|8@1+ (1,0) [9|1] "" N`, 2, 6, /minimum/],
  [
    'a multiplexed signal without a multiplexor',
    `${MESSAGE} SG_ S m1 : 0|8@1+ (1,0) [0|0] "" N`,
    2,
    6,
    /every frame/,
  ],
  [
    'a signal without a receiver',
    `VERSION "1";\n${MESSAGE} SG_ S : 0|8@1+ (1,0) [0|0] ""\n SG_ T : 8|8@1+ (1,0) [0|0] "" N`,
    3,
    6,
    /no receiver/,
  ],
  ['value type 3', `${S}SIG_VALTYPE_ 1 S : 3;`, 3, 20, /not defined/],
  ['a length that no FD frame has', 'BO_ 1 M: 10 N', 1, 7, /no FD frame/],
  [
    'an initial value that does not fit',
    `${S}BA_DEF_ SG_ "GenSigStartValue" INT;\nBA_ "GenSigStartValue" SG_ 1 S 256;`,
    2,
    6,
    /initial value 256/,
  ],
] as const) {
  test(`${what} is a warning with its place`, () => {
    const { warnings } = parseDbc(text)
    const [warning] = warnings
    assert.equal(warnings.length, 1, JSON.stringify(warnings))
    assert.deepEqual([warning?.line, warning?.column], [line, column], warning?.problem)
    assert.match(warning?.problem ?? '', problem)
  })
}

for (const [what, text, problem] of [
  ['signals that overlap', `${S} SG_ T : 7|2@1+ (1,0) [0|0] "" N`, /S and T overlap/],
  ['a signal beyond its message', `${S} SG_ T : 60|8@1+ (1,0) [0|0] "" N`, /does not fit/],
  ['a factor of 0', `${MESSAGE} SG_ S : 0|8@1+ (0,3) [0|0] "" N`, /factor 0/],
  ['a 29-bit id without bit 31', 'BO_ 2048 M: 8 N', /lacks bit 31/],
  ['an id that is there twice', `${MESSAGE}BO_ 1 K: 8 N`, /id 1 is there twice/],
  ['a name that is there twice', `${MESSAGE}BO_ 2 M: 8 N`, /M is there twice/],
  ['a float of 16 bits', `${MESSAGE} SG_ S : 0|16@1+ (1,0) [0|0] "" N\nSIG_VALTYPE_ 1 S : 1;`, /IEEE 754/],
  [
    'two multiplexors to choose from',
    `${MESSAGE} SG_ A M : 0|8@1+ (1,0) [0|0] "" N\n SG_ B M : 8|8@1+ (1,0) [0|0] "" N\n SG_ C m1 : 16|8@1+ (1,0) [0|0] "" N`,
    /2 multiplexors/,
  ],
  [
    'a multiplexor that is none',
    `${S} SG_ T : 8|8@1+ (1,0) [0|0] "" N\nSG_MUL_VAL_ 1 T S 1-1;`,
    /S is no multiplexor/,
  ],
] as const) {
  test(`${what} is an error, and a warning to a lenient reader`, () => {
    assert.throws(() => parseDbc(text), DbcSyntaxError)
    assert.throws(() => parseDbc(text), problem)
    const { warnings } = parseDbc(text, { strict: false })
    assert.ok(
      warnings.some((warning) => problem.test(warning.problem)),
      JSON.stringify(warnings),
    )
  })
}

test('an id without bit 31 is a 29-bit one to a lenient reader', () => {
  const { id, extended } = dbcMessage(parseDbc('BO_ 2048 M: 8 N', { strict: false }), 'M')
  assert.deepEqual([id, extended], [2048, true])
})

test('a signal beyond its message is neither decoded nor encoded', () => {
  const text = `${S} SG_ T : 60|8@1+ (1,0) [0|0] "" N`
  const message = dbcMessage(parseDbc(text, { strict: false }), 'M')
  assert.deepEqual([...decodeMessage(message, new Uint8Array(8)).keys()], ['S'])
  assert.throws(() => encodeMessage(message, { S: 1, T: 1 }), /beyond its message/)
})

test('a factor of 0 decodes to the offset and encodes nothing', () => {
  const message = dbcMessage(parseDbc(`${MESSAGE} SG_ S : 0|8@1+ (0,3) [0|0] "" N`, { strict: false }), 'M')
  assert.equal(decodeMessage(message, new Uint8Array(8)).get('S')?.physical, 3)
  assert.throws(() => encodeMessage(message, { S: 3 }), SignalNotEncodable)
})

test('names and statements that end wrongly swallow no message', () => {
  assert.throws(() => parseDbc(`CAT_ 1\nBO_ 1 M: 8 N\nCM_ "x";`), /does not end with ";"/)
  assert.throws(
    () => parseDbc(`BO_ 1 M: 8\nBO_ 2 K: 8 N`),
    /line 2, column 1: expected a sender, found "BO_"/,
  )
})
