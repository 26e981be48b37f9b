import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signalBits } from './dbc-layout.js'
import { DbcSyntaxError, dbcMessage, frameKey, UnknownDbcMessage } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'

const FILE = `VERSION "2.1"

NS_ :
\tCM_
\tBA_DEF_
\tSG_MUL_VAL_

BS_: 500 : 1,2

BU_: Gateway Engine
VAL_TABLE_ OnOff 0 "off" 1 "on" ;

BO_ 256 Status: 8 Engine
 SG_ Speed : 7|16@0+ (0.01,-10) [-10|645.35] "km/h" Gateway,Vector__XXX
 SG_ Torque : 16|12@1- (0.5,0) [0|0] "N m"  Gateway
 SG_ Gear : 28|4@1+ (1,0) [0|8] "" Gateway

BO_ 2566844672 Page: 8 Gateway
 SG_ Selector M : 0|8@1+ (1,0) [0|255] "" Engine
 SG_ Low m1 : 8|8@1+ (1,0) [0|0] "" Engine
 SG_ High m2 : 8|8@1+ (1,0) [0|0] "" Engine

BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX
 SG_ Orphan : 0|8@1+ (1,0) [0|0] "" Vector__XXX

BO_TX_BU_ 256 : Engine,Gateway;
EV_ Ambient: 0 [-40|80] "C" 20 1 DUMMY_NODE_VECTOR0 Gateway;
CM_ "the whole
file";
CM_ BU_ Engine "a node";
CM_ BO_ 256 "says \\"hello\\"";
CM_ SG_ 256 Gear "0 is neutral";
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;
BA_DEF_ "BusType" STRING ;
BA_DEF_REL_ BU_SG_REL_ "Sig" INT 0 1;
BA_DEF_DEF_ "GenMsgCycleTime" 0;
BA_DEF_DEF_ "BusType" "CAN";
BA_ "BusType" "CAN";
BA_ "GenMsgCycleTime" BO_ 256 20;
BA_ "GenSigStartValue" SG_ 256 Gear 3;
VAL_ 256 Gear 0 "neutral" 1 "first" -1 "unknown" ;
VAL_ Ambient 0 "cold" ;
SIG_GROUP_ 256 Group 1 : Speed Torque;
`

test('messages, signals, comments, value tables and cycle times are read', () => {
  const database = parseDbc(FILE)
  assert.equal(database.version, '2.1')
  assert.deepEqual(database.nodes, ['Gateway', 'Engine'])
  assert.deepEqual([...database.byName.keys()], ['Status', 'Page'])
  const status = dbcMessage(database, 'Status')
  assert.equal(status.sender, 'Engine')
  assert.equal(status.cycleTimeMs, 20)
  assert.equal(status.comment, 'says "hello"')
  const [speed, torque, gear] = status.signals
  assert.equal(speed?.byteOrder, 'motorola')
  assert.deepEqual([speed.factor, speed.offset, speed.limits], [0.01, -10, { min: -10, max: 645.35 }])
  assert.deepEqual(speed.receivers, ['Gateway', 'Vector__XXX'])
  assert.deepEqual([torque?.valueType, torque?.limits, torque?.unit], ['signed', undefined, 'N m'])
  assert.equal(gear?.comment, '0 is neutral')
  assert.equal(gear?.valueNames.get(0), 'neutral')
})

test('bit 31 of an id marks a 29-bit frame', () => {
  const page = dbcMessage(parseDbc(FILE), 'Page')
  assert.equal(page.extended, true)
  assert.equal(page.id, 2566844672 - 0x80000000)
  assert.equal(parseDbc(FILE).byFrame.get(frameKey({ id: page.id, extended: true }))?.name, 'Page')
  assert.equal(parseDbc(FILE).byFrame.get(frameKey({ id: page.id, extended: false })), undefined)
  assert.equal(page.cycleTimeMs, undefined)
})

test('Motorola bits run down a byte and on to bit 7 of the next', () => {
  const [speed] = dbcMessage(parseDbc(FILE), 'Status').signals
  assert.deepEqual(
    speed && signalBits(speed).reverse(),
    [7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8],
  )
})

test('a name that is not there is a named error', () => {
  assert.throws(() => dbcMessage(parseDbc(FILE), 'Nothing'), UnknownDbcMessage)
})

const MESSAGE = 'BO_ 1 M: 8 N\n'
for (const [what, text, line, column, problem] of [
  ['a missing colon', 'BO_ 1 M 8 N', 1, 9, /":"/],
  ['a signal without a unit', `${MESSAGE} SG_ S : 0|8@1+ (1,0) [0|0] N`, 2, 29, /unit/],
  ['a signal that does not fit', `${MESSAGE} SG_ S : 60|8@1+ (1,0) [0|0] "" N`, 2, 6, /does not fit/],
  [
    'a Motorola signal that does not fit',
    `${MESSAGE} SG_ S : 56|2@0+ (1,0) [0|0] "" N`,
    2,
    6,
    /does not fit/,
  ],
  [
    'signals that overlap',
    `${MESSAGE} SG_ S : 0|8@1+ (1,0) [0|0] "" N\n SG_ T : 7|2@1+ (1,0) [0|0] "" N`,
    3,
    6,
    /overlap/,
  ],
  ['a factor of 0', `${MESSAGE} SG_ S : 0|8@1+ (0,0) [0|0] "" N`, 2, 6, /factor/],
  ['a signal of 513 bits', `${MESSAGE} SG_ S : 0|513@1+ (1,0) [0|0] "" N`, 2, 12, /0…512/],
  ['an id above 11 bits', 'BO_ 2048 M: 8 N', 1, 5, /11-bit/],
  ['the same id twice', `${MESSAGE}${MESSAGE.replace('M', 'K')}`, 2, 5, /twice/],
  ['the same name twice', `${MESSAGE}BO_ 2 M: 8 N`, 2, 7, /twice/],
  ['a string that does not end', 'VERSION "1', 1, 9, /does not end/],
  ['a statement that does not end', 'BA_DEF_ BO_ "x" INT 0 1', 1, 24, /";"/],
  ['a foreign character', `${MESSAGE}§`, 2, 1, /unexpected/],
  ['something that is no statement', 'hello', 1, 1, /statement/],
  ['a place after a string of two lines', 'CM_ "a\nb" !', 2, 4, /unexpected/],
] as const) {
  test(`${what} is a named error with its place`, () => {
    assert.throws(
      () => parseDbc(text),
      (error) => {
        assert.ok(error instanceof DbcSyntaxError, String(error))
        assert.deepEqual([error.line, error.column], [line, column], error.message)
        return problem.test(error.message)
      },
    )
  })
}
