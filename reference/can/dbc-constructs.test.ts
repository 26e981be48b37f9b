import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DBC_SAMPLE } from '../../rigs/soak/dbc-sample.js'
import { decodeMessage, encodeMessage } from './dbc-codec.js'
import { dbcMessage, valueNameOf, type DbcMessage, type DbcSignal } from './dbc-model.js'
import { parseDbc } from './dbc-parser.js'

const database = parseDbc(DBC_SAMPLE)
const drive = dbcMessage(database, 'Drive')
const page = dbcMessage(database, 'Page')
const wide = dbcMessage(database, 'Wide_with_a_name_of_more_than_32_characters')

function signal(message: DbcMessage, name: string): DbcSignal {
  return message.signals.find((candidate) => candidate.name === name) ?? assert.fail(`no signal ${name}`)
}

test('a file with every construct is read without a warning', () => {
  assert.deepEqual(database.warnings, [])
  assert.equal(database.version, '4.2')
  assert.deepEqual(
    database.messages.map(({ length, extended, fd }) => [length, extended, fd]),
    [
      [8, false, false],
      [8, true, false],
      [64, false, true],
      [0, false, false],
    ],
  )
})

test('long names take the place of the short ones, wherever these stand', () => {
  const motor = 'Motor_with_a_name_of_more_than_32_characters'
  assert.deepEqual(database.nodes, ['Gate', motor, 'Lamp_'])
  assert.deepEqual([drive.sender, drive.senders], [motor, [motor, 'Gate']])
  assert.deepEqual(signal(page, 'Inner').receivers, [motor])
  assert.equal(wide.signals[1]?.name, 'Offset_with_a_name_of_more_than_32_characters')
})

test('receivers stand with commas or blanks between them', () => {
  assert.deepEqual(signal(drive, 'Speed').receivers, ['Gate', 'Lamp_'])
  assert.deepEqual(signal(drive, 'Torque').receivers, ['Gate', 'Lamp_'])
  assert.deepEqual(signal(drive, 'Gear').receivers, ['Vector__XXX'])
})

test('comments keep new lines, quotes, backslashes and slashes', () => {
  assert.equal(database.comment, 'the whole\nfile; with // no comment')
  assert.equal(drive.comment, 'says "hello", C:\\\\dir')
  assert.equal(signal(drive, 'Gear').comment, '0 is neutral')
  assert.equal(database.nodesByName.get('Lamp_')?.comment, '')
  assert.equal(database.environmentVariables.get('Ambient')?.comment, 'outside')
})

test('enumerations are indices, whether the file writes the index, the text or a default', () => {
  assert.equal(drive.attributes.get('GenMsgSendType'), 0)
  assert.equal(page.attributes.get('GenMsgSendType'), 1)
  assert.equal(page.attributes.get('VFrameFormat'), 1)
  assert.equal(signal(drive, 'Gear').attributes.get('Colour'), 0)
  assert.equal(signal(drive, 'Speed').attributes.get('Colour'), 1)
  assert.deepEqual([drive.sendType, page.sendType], ['Cyclic', 'OnChange'])
  assert.deepEqual([page.frameFormat, wide.frameFormat], ['ExtendedCAN', 'StandardCAN_FD'])
  assert.deepEqual(database.attributeDefinitions.get('Colour')?.values, ['red', 'green'])
})

test('attributes of the network and its nodes are read', () => {
  assert.equal(database.attributes.get('BusType'), 'CAN FD')
  assert.equal(
    database.nodesByName.get('Motor_with_a_name_of_more_than_32_characters')?.attributes.get('Address'),
    17,
  )
  assert.deepEqual([drive.cycleTimeMs, page.cycleTimeMs], [20, undefined])
})

test('value tables, signal groups and environment variables are read', () => {
  assert.deepEqual(
    [...(database.valueTables.get('Switch') ?? [])],
    [
      [0, 'off'],
      [1, 'on "full"'],
    ],
  )
  assert.equal(database.valueTables.get('Empty')?.size, 0)
  assert.deepEqual(drive.signalGroups, [{ name: 'Motion', signals: ['Speed', 'Torque'] }])
  assert.deepEqual(wide.signalGroups, [{ name: 'Nothing', signals: [] }])
  const ambient = database.environmentVariables.get('Ambient')
  assert.deepEqual([ambient?.min, ambient?.max, ambient?.initialValue], [-40, 80, 20])
  assert.equal(ambient?.valueNames.get(0), 'cold')
})

test('names of 64-bit values are told apart by their last digit', () => {
  const counter = signal(wide, 'Counter')
  assert.equal(valueNameOf(counter, 2n ** 64n - 1n), 'invalid')
  assert.equal(valueNameOf(counter, 2n ** 64n - 2n), 'fault')
  assert.equal(valueNameOf(counter, 2n ** 64n - 3n), undefined)
  assert.equal(valueNameOf(counter, 0n), 'start')
})

test('a message of every kind of signal is encoded and decoded', () => {
  const values = {
    Counter: 2n ** 64n - 2n,
    Offset_with_a_name_of_more_than_32_characters: -(2n ** 63n) + 1n,
    Ratio: -0.1,
    Odd: -(2 ** 52),
    Block: 0x0123456789abcdef0123456789abcdefn,
  }
  const decoded = decodeMessage(wide, encodeMessage(wide, values))
  assert.deepEqual(Object.fromEntries([...decoded].map(([name, { raw }]) => [name, raw])), values)
  assert.equal(decoded.get('Counter')?.valueName, 'fault')
})

test('a signed multiplexor switches by its bits: m200 is the raw value -56 of 8 bits', () => {
  const data = encodeMessage(page, { Selector: -56, Other: 0x1234 })
  assert.deepEqual([...data], [200, 0x12, 0x34, 0, 0, 0, 0, 0])
  assert.deepEqual([...decodeMessage(page, data).keys()], ['Selector', 'Other'])
})

for (const [what, text] of [
  ['CRLF', DBC_SAMPLE.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\uFEFF${DBC_SAMPLE}`],
  ['the statements about messages before the messages', reorder(DBC_SAMPLE)],
] as const) {
  test(`${what} changes nothing`, () => {
    const other = parseDbc(text)
    assert.deepEqual(other.warnings, [])
    assert.deepEqual(other.messages, database.messages)
    assert.equal(other.comment, database.comment)
  })
}

function reorder(text: string): string {
  const [messages, rest] = [text.indexOf('BO_ 256'), text.indexOf('BO_TX_BU_')]
  return text.slice(0, messages) + text.slice(rest) + text.slice(messages, rest)
}
