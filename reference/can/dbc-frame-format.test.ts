import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DBC_SAMPLE } from '../../rigs/soak/dbc-sample.js'
import { decodedFrameJson, decodeFrame, formatDecodedFrame } from './dbc-frame-format.js'
import { parseDbc } from './dbc-parser.js'

const database = parseDbc(DBC_SAMPLE)
const DRIVE = [0x05, 0xdc, 0xff, 0x1f, 0x40, 0x20, 0, 0]

function decoded(id: number, data: number[], { remote = false, from = database } = {}) {
  const frame = { id, extended: false, data: Uint8Array.from(data), ...(remote ? { remote } : {}) }
  const found = decodeFrame(from, frame)
  assert.ok(found)
  return found
}

test('a frame is one line: its signals with units, or with the names of their values', () => {
  assert.equal(
    formatDecodedFrame(decoded(256, DRIVE)),
    'Drive(Speed: 5 km/h, Torque: -0.5 N m, Gear: first, Power: 2.5 kW)',
  )
  assert.equal(formatDecodedFrame(decoded(3, [])), 'Empty()')
})

test('binary fractions make no noise', () => {
  const from = parseDbc('BO_ 1 M: 1 N\n SG_ T : 0|8@1+ (0.1,0) [0|0] "°C" N')
  assert.equal(formatDecodedFrame(decoded(1, [3], { from })), 'M(T: 0.3 °C)')
})

test('a long integer has every digit', () => {
  const from = parseDbc('BO_ 1 M: 8 N\n SG_ C : 0|64@1+ (1,0) [0|0] "" N')
  assert.equal(
    formatDecodedFrame(decoded(1, [0xfd, ...new Array<number>(7).fill(0xff)], { from })),
    'M(C: 18446744073709551613)',
  )
})

test("a file's own words neither end the line nor steer a terminal", () => {
  const from = parseDbc('BO_ 1 M: 1 N\n SG_ T : 0|8@1+ (1,0) [0|0] "a\u0007b" N\nVAL_ 1 T 0 "\u001b[2J" ;')
  assert.equal(formatDecodedFrame(decoded(1, [0], { from })), 'M(T: \uFFFD[2J)')
  assert.equal(formatDecodedFrame(decoded(1, [1], { from })), 'M(T: 1 a\uFFFDb)')
})

test('a frame goes through JSON unchanged, with long integers and infinities as text', () => {
  const data = new Array<number>(64).fill(0)
  data.fill(0xff, 0, 8)
  data.splice(16, 8, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f)
  const frame = decoded(512, data)
  const json = decodedFrameJson(frame)
  assert.deepEqual(JSON.parse(JSON.stringify(json)), json)
  const [counter, , ratio] = [...frame.signals.keys()].map((name) => json.signals[name])
  assert.deepEqual([counter?.raw, counter?.name], ['18446744073709551615', 'invalid'])
  assert.equal(ratio?.value, 'Infinity')
  assert.deepEqual(decodedFrameJson(decoded(256, DRIVE)).signals['Speed'], {
    value: 5,
    raw: 1500,
    unit: 'km/h',
  })
})

test('a frame whose id or format the database does not have is undefined', () => {
  const data = Uint8Array.of(1)
  assert.equal(decodeFrame(database, { id: 0x7ff, extended: false, data }), undefined)
  assert.equal(decodeFrame(database, { id: 256, extended: true, data }), undefined)
})

test('a remote request has no signals and says why', () => {
  const frame = decoded(256, [], { remote: true })
  assert.equal(formatDecodedFrame(frame), 'Drive: remote request')
  assert.deepEqual(decodedFrameJson(frame), { message: 'Drive', problem: 'remote request', signals: {} })
})

test('a frame that is too short says so and gives the signals that are in it', () => {
  const problem = 'message Drive has 8 bytes, this frame has 2'
  const frame = decoded(256, [0x05, 0xdc])
  assert.equal(formatDecodedFrame(frame), `Drive(Speed: 5 km/h): ${problem}`)
  assert.deepEqual(decodedFrameJson(frame), {
    message: 'Drive',
    problem,
    signals: { Speed: { value: 5, raw: 1500, unit: 'km/h' } },
  })
  assert.equal(formatDecodedFrame(decoded(256, [])), 'Drive: message Drive has 8 bytes, this frame has 0')
})
