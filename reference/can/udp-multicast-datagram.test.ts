import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode } from '@msgpack/msgpack'
import type { CanFrame } from '../ports/can-bus.js'
import { decodeCanDatagram, encodeCanDatagram, MalformedCanDatagram } from './udp-multicast-datagram.js'

const FIELDS = {
  timestamp: 1.5,
  arbitration_id: 0x123,
  is_extended_id: false,
  is_remote_frame: false,
  is_error_frame: false,
  channel: null as unknown,
  dlc: 2,
  data: Uint8Array.of(1, 2),
  is_fd: false,
  bitrate_switch: false,
  error_state_indicator: false,
}
const FRAME: CanFrame = { id: 0x123, extended: false, data: Uint8Array.of(1, 2) }

const FRAMES: readonly CanFrame[] = [
  FRAME,
  { id: 0, extended: false, data: new Uint8Array(0) },
  { id: 0x1fffffff, extended: true, data: new Uint8Array(8).fill(0xff) },
  { id: 0x7ff, extended: false, data: new Uint8Array(0), remote: true, remoteLength: 8 },
  {
    id: 5,
    extended: true,
    data: new Uint8Array(64).fill(7),
    fd: true,
    bitrateSwitch: true,
    errorStateIndicator: true,
  },
]

test('a frame becomes the map of 11 keys that python-can sends, in its order', () => {
  const bytes = encodeCanDatagram(FRAME, 1.5)
  const map = decode(bytes) as typeof FIELDS
  assert.deepEqual({ ...map, data: new Uint8Array(map.data) }, FIELDS)
  assert.deepEqual(Object.keys(map), Object.keys(FIELDS))
})

test('every kind of frame survives', () => {
  for (const frame of FRAMES) {
    const decoded = decodeCanDatagram(encodeCanDatagram(frame, 12.345678))
    assert.deepEqual(decoded, { frame, senderSeconds: 12.345678 })
  }
})

test('another encoder, key order and number width give the same frame', () => {
  const reversed = Object.fromEntries(Object.entries(FIELDS).reverse())
  assert.deepEqual(decodeCanDatagram(encode(reversed)).frame, FRAME)
  assert.deepEqual(decodeCanDatagram(encode({ ...FIELDS, channel: 'vcan0', timestamp: 3 })).frame, FRAME)
  const wide = Buffer.from(encode({ ...FIELDS, arbitration_id: 7 })).toString('latin1')
  for (const number of [
    '\xcc\x07',
    '\xcd\0\x07',
    '\xce\0\0\0\x07',
    `\xcf${'\0'.repeat(7)}\x07`,
    '\xd0\x07',
  ]) {
    const bytes = Buffer.from(wide.replace('arbitration_id\x07', `arbitration_id${number}`), 'latin1')
    assert.equal(decodeCanDatagram(bytes).frame?.id, 7)
  }
})

test('what the sender does not say of time and channel is not needed', () => {
  const { timestamp: _timestamp, channel: _channel, ...rest } = FIELDS
  assert.deepEqual(decodeCanDatagram(encode(rest)), { frame: FRAME, senderSeconds: 0 })
})

test('an error frame gives class and 8 bytes', () => {
  const bytes = encode({ ...FIELDS, is_error_frame: true, arbitration_id: 0x40, is_extended_id: true })
  assert.deepEqual(decodeCanDatagram(bytes).error, {
    errorClass: 0x40,
    data: Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 0),
  })
})

const nested = (depth: number): unknown => (depth === 0 ? 1 : { data: nested(depth - 1) })

const MALFORMED: readonly [title: string, bytes: Uint8Array][] = [
  ['nothing', new Uint8Array(0)],
  ['text', Buffer.from('hello')],
  ['an array', encode([1, 2])],
  [
    'another key in place of one',
    encode({ ...FIELDS, data: undefined, extra: 1 }, { ignoreUndefined: true }),
  ],
  ['a key more', encode({ ...FIELDS, extra: 1 })],
  ['a key less', encode({ ...FIELDS, dlc: undefined }, { ignoreUndefined: true })],
  ['a number as a key', Uint8Array.of(0x81, 0x01, 0x02)],
  [
    'a key twice',
    Buffer.concat([Uint8Array.of(0x82), ...Array<Buffer>(2).fill(Buffer.from('\xa3dlc\x01', 'latin1'))]),
  ],
  ['the prototype as a key', Buffer.concat([Uint8Array.of(0x81, 0xa9), Buffer.from('__proto__\x01')])],
  ['a map in the map', encode({ ...FIELDS, data: { a: 1 } })],
  ['maps 1,000 deep', encode(nested(1_000), { maxDepth: 2_000 })],
  ['an array for the data', encode({ ...FIELDS, data: [1, 2] })],
  ['a text for the data', encode({ ...FIELDS, data: 'ab' })],
  ['a text for the id', encode({ ...FIELDS, arbitration_id: '123' })],
  ['an id of 12 bits', encode({ ...FIELDS, arbitration_id: 0x800 })],
  ['an id of 30 bits', encode({ ...FIELDS, arbitration_id: 2 ** 29, is_extended_id: true })],
  ['a negative id', encode({ ...FIELDS, arbitration_id: -1 })],
  ['a broken id', encode({ ...FIELDS, arbitration_id: 1.5 })],
  ['a number for a flag', encode({ ...FIELDS, is_fd: 1 })],
  ['a dlc that is not the length', encode({ ...FIELDS, dlc: 3 })],
  ['9 bytes in a classic frame', encode({ ...FIELDS, dlc: 9, data: new Uint8Array(9) })],
  ['9 bytes in an FD frame', encode({ ...FIELDS, dlc: 9, data: new Uint8Array(9), is_fd: true })],
  ['a remote FD frame', encode({ ...FIELDS, data: new Uint8Array(0), is_remote_frame: true, is_fd: true })],
  ['a bit rate switch in a classic frame', encode({ ...FIELDS, bitrate_switch: true })],
  ['an error frame of 9 bytes', encode({ ...FIELDS, is_error_frame: true, data: new Uint8Array(9) })],
  ['a text for the time', encode({ ...FIELDS, timestamp: 'now' })],
  ['bytes behind the map', Buffer.concat([encode(FIELDS), Uint8Array.of(0)])],
  ['a length of 4 GB', Uint8Array.of(0x81, 0xdb, 0xff, 0xff, 0xff, 0xff, 0x61)],
  ['a map of 4 billion pairs', Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff)],
  ['a datagram of 60,000 bytes', encode({ ...FIELDS, channel: 'x'.repeat(60_000) })],
]

for (const [title, bytes] of MALFORMED) {
  test(`${title} is refused by name`, () => {
    assert.throws(() => decodeCanDatagram(bytes), MalformedCanDatagram)
  })
}

test('a sound datagram that ends early is refused at every length', () => {
  const bytes = encodeCanDatagram(FRAME, 1)
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeCanDatagram(bytes.subarray(0, length)), MalformedCanDatagram)
  }
})
