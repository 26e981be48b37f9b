import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DBC_SAMPLE } from '../../rigs/soak/dbc-sample.js'
import { decodeMessage } from './dbc-codec.js'
import { initialData, initialValues } from './dbc-initial.js'
import { dbcMessage } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'

const database = parseDbc(DBC_SAMPLE)

test('initial values are raw in the file and physical here, even outside their limits', () => {
  const drive = dbcMessage(database, 'Drive')
  assert.deepEqual(initialValues(drive), { Speed: 1500 * 0.01 - 10, Torque: 0, Gear: 15, Power: 1.5 })
  const decoded = decodeMessage(drive, initialData(drive))
  assert.equal(decoded.get('Speed')?.raw, 1500)
  assert.equal(decoded.get('Gear')?.valueName, 'none')
  assert.equal(decoded.get('Power')?.raw, 1.5)
})

test('a multiplexor’s initial value says which signals there are', () => {
  assert.deepEqual(initialValues(dbcMessage(database, 'Page')), { Selector: 1, Inner: 0 })
})

test('long integers start as bigints', () => {
  const wide = dbcMessage(database, 'Wide_with_a_name_of_more_than_32_characters')
  assert.equal(initialValues(wide)['Counter'], 0n)
  assert.deepEqual(initialData(wide), new Uint8Array(64))
})

test('a default that does not fit a signal means no initial value, without a warning', () => {
  const { messages, warnings } = parseDbc(`BO_ 1 M: 1 N
 SG_ S : 0|4@1+ (1,0) [0|0] "" N
 SG_ T : 4|4@1- (1,0) [0|0] "" N
BA_DEF_ SG_ "GenSigStartValue" INT -2147483648 2147483647;
BA_DEF_DEF_ "GenSigStartValue" -8;
`)
  assert.deepEqual(warnings, [])
  assert.deepEqual(
    messages[0]?.signals.map(({ initialRaw }) => initialRaw),
    [undefined, -8],
  )
})
