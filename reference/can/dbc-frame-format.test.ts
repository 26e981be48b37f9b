import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DBC_SAMPLE } from '../../rigs/soak/dbc-sample.js'
import { decodeFrame, formatDecodedFrame } from './dbc-frame-format.js'
import { parseDbc } from './dbc-parser.js'

const database = parseDbc(DBC_SAMPLE)
const frame = (id: number, data: number[], changes = {}) => ({
  id,
  extended: false,
  data: Uint8Array.from(data),
  ...changes,
})

test('a frame is told by its signals, with units and the names of values', () => {
  assert.deepEqual(formatDecodedFrame(database, frame(256, [0x05, 0xdc, 0xff, 0x1f, 0x40, 0x20, 0, 0])), [
    '0x100 Drive',
    '  Speed: 5 km/h (raw 1500)',
    '  Torque: -0.5 N m (raw -1)',
    '  Gear: 1 ("first", raw 1)',
    '  Power: 2.5 kW (raw 2.5)',
  ])
})

test('a frame goes through JSON unchanged, with long integers and infinities as text', () => {
  const data = new Array<number>(64).fill(0)
  data.fill(0xff, 0, 8)
  data.splice(16, 8, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f)
  const decoded = decodeFrame(database, frame(512, data))
  assert.deepEqual(JSON.parse(JSON.stringify(decoded)), decoded)
  const [counter, , ratio] = decoded.signals
  assert.deepEqual([counter?.raw, counter?.valueName], ['18446744073709551615', 'invalid'])
  assert.equal(ratio?.physical, 'Infinity')
})

test('frames without signals say why', () => {
  assert.deepEqual(formatDecodedFrame(database, frame(0x7ff, [1])), [
    '0x7FF (no message of the database has this id)',
  ])
  assert.deepEqual(formatDecodedFrame(database, frame(256, [], { extended: true })), [
    '0x100 (29 bit) (no message of the database has this id)',
  ])
  assert.deepEqual(formatDecodedFrame(database, frame(256, [], { remote: true })), [
    '0x100 Drive (a remote frame)',
  ])
  assert.deepEqual(formatDecodedFrame(database, frame(3, [])), ['0x3 Empty'])
})

test('a frame that is too short says so and gives the signals that are in it', () => {
  const decoded = decodeFrame(database, frame(256, [0x05, 0xdc]))
  assert.equal(decoded.problem, 'message Drive has 8 bytes, this frame has 2')
  assert.deepEqual(decoded.signals, [{ name: 'Speed', raw: 1500, physical: 5, unit: 'km/h' }])
})
