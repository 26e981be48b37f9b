import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanFrame, ReceivedCanFrame } from '../ports/can-bus.js'
import { formatErrorFrame, formatFrame, formatSend, SocketcandSyntaxError } from './socketcand-frames.js'
import {
  formatError,
  formatLost,
  formatOffer,
  formatWishes,
  parseCommand,
  parseEvent,
} from './socketcand-messages.js'
import { SocketcandStream } from './socketcand-stream.js'

const bytes = (...data: number[]) => Uint8Array.from(data)
const inside = (element: string) => element.slice(1, -1).trim()

/** Texts of socketcand's protocol.md and of its source, and what they mean. */
const SENDS: readonly [text: string, frame: CanFrame][] = [
  ['< send 123 0 >', { id: 0x123, extended: false, data: bytes() }],
  ['< send 1AAAAAAA 2 1 F1 >', { id: 0x1aaaaaaa, extended: true, data: bytes(1, 0xf1) }],
  ['< send 00000123 1 0a >', { id: 0x123, extended: true, data: bytes(10) }],
  ['< sendrtr 123 0 >', { id: 0x123, extended: false, data: bytes(), remote: true, remoteLength: 0 }],
  [
    '< sendrtr 1AAAAAAA 2 >',
    { id: 0x1aaaaaaa, extended: true, data: bytes(), remote: true, remoteLength: 2 },
  ],
  [
    '< fdsend 7ff 07 1 5 >',
    { id: 0x7ff, extended: false, data: bytes(5), fd: true, bitrateSwitch: true, errorStateIndicator: true },
  ],
]

test('a server understands the commands of other clients', () => {
  for (const [text, frame] of SENDS) assert.deepEqual(parseCommand(inside(text)), { kind: 'send', frame })
  assert.deepEqual(parseCommand('open can0'), { kind: 'open', bus: 'can0' })
  assert.deepEqual(parseCommand('rawmode'), { kind: 'mode', mode: 'rawmode' })
  assert.deepEqual(parseCommand('statistics 1000'), { kind: 'statistics', intervalMs: 1_000 })
})

test('what a client sends, a server understands', () => {
  for (const [, frame] of SENDS) {
    assert.deepEqual(parseCommand(inside(formatSend(frame))), { kind: 'send', frame })
  }
})

test('frames are written as socketcand writes them', () => {
  const at = { timestampUs: 1_637_791_111_000_007 }
  const written = SENDS.map(([, frame]) => formatFrame({ ...frame, ...at }))
  assert.deepEqual(written, [
    '< frame 123 1637791111.000007  >',
    '< frame 1AAAAAAA 1637791111.000007 01F1 >',
    '< frame 00000123 1637791111.000007 0A >',
    '< rtr 123 1637791111.000007 0 >',
    '< rtr 1AAAAAAA 1637791111.000007 2 >',
    '< fdframe 7FF 07 1637791111.000007 05 >',
  ])
  for (const [i, text] of written.entries()) {
    assert.deepEqual(parseEvent(inside(text)), { kind: 'frame', frame: { ...SENDS[i]?.[1], ...at } })
  }
})

test('bytes with blanks between them, as the protocol describes them, are read too', () => {
  const frame = { id: 0x123, extended: false, data: bytes(0x11, 0x22), timestampUs: 23_424_242 }
  assert.deepEqual(parseEvent('frame 123 23.424242 11 22'), { kind: 'frame', frame })
})

test('an own frame stays marked', () => {
  const frame: ReceivedCanFrame = { id: 1, extended: false, data: bytes(1), timestampUs: 5, own: true }
  assert.deepEqual(parseEvent(inside(formatFrame(frame))), { kind: 'frame', frame })
})

test('an error frame and a text are told apart', () => {
  const frame = { errorClass: 0x44, data: bytes(0, 4, 0, 0, 0, 0, 96, 97), timestampUs: 1_000_002 }
  assert.equal(formatErrorFrame(frame, false), '< error 044 1.000002 >')
  assert.deepEqual(parseEvent('error 044 1.000002'), {
    kind: 'error-frame',
    frame: { ...frame, data: new Uint8Array(8) },
  })
  assert.deepEqual(parseEvent(inside(formatErrorFrame(frame, true))), { kind: 'error-frame', frame })
  assert.deepEqual(parseEvent('error unknown command'), { kind: 'error', text: 'unknown command' })
})

test("Lockstep's own words are read as they were written", () => {
  const wishes = { receiveOwn: true, receiveBuffer: 4_096 }
  assert.deepEqual(parseCommand(inside(formatWishes(wishes))), { kind: 'wishes', wishes })
  const offer = { fd: true, remote: false, errorFrames: true, countsLoss: true }
  assert.deepEqual(parseEvent(inside(formatOffer(offer))), { kind: 'offer', offer })
  assert.deepEqual(parseEvent(inside(formatLost(7, true))), { kind: 'lost', frames: 7, exact: true })
  assert.deepEqual(parseEvent(inside(formatLost(7, false))), { kind: 'lost', frames: 7, exact: false })
})

test('an error text cannot end its element', () => {
  assert.equal(formatError('no bus "<x>"\n< frame'), '< error no bus " x " frame >')
  assert.equal(formatError('0…8, 锁'), '< error 0..8, ? >', 'the protocol is ASCII')
})

for (const text of [
  '',
  'sned 123 0',
  'send',
  'send 123',
  'send 123 2 1',
  'send 123 1 1 2',
  'send 123 9 1 2 3 4 5 6 7 8 9',
  'send 800 0',
  'send 1234 0',
  'send 20000000 0',
  'send 123456789 0',
  'send xyz 0',
  'send 123 1 100',
  'send 123 1 g0',
  'send 123 -1',
  'sendrtr 123 9',
  'sendrtr 123 1 00',
  'fdsend 123 0 9 1 2 3 4 5 6 7 8 9',
  'fdsend 123 zz 0',
  'open',
  'open can0 can1',
  'statistics',
  'statistics soon',
  'lockstep 2 5',
  'lockstep 1 many',
]) {
  test(`the command ${JSON.stringify(text)} is refused by name`, () => {
    assert.throws(() => parseCommand(text), SocketcandSyntaxError)
  })
}

for (const text of [
  'frame',
  'frame 123',
  'frame 123 now 00',
  'frame 123 1.0000000 00',
  'frame 800 1.0 00',
  'frame 123 1.0 0',
  'frame 123 1.0 000102030405060708',
  'rtr 123 1.0',
  'rtr 123 1.0 9',
  'fdframe 123 1.0 00',
  'error 1 1.0 000000000000000000',
  'lost many',
  'hello',
]) {
  test(`the event ${JSON.stringify(text)} is refused by name`, () => {
    assert.throws(() => parseEvent(text), SocketcandSyntaxError)
  })
}

const fed = (stream: SocketcandStream, text: string) => stream.push(Buffer.from(text, 'latin1'))

test('elements are found however the stream is cut', () => {
  const text = '< hi >< frame 123 1.000000  >\n< ok >'
  const whole = ['hi', 'frame 123 1.000000', 'ok']
  assert.deepEqual(fed(new SocketcandStream(), text), whole)
  for (let size = 1; size < text.length; size++) {
    const stream = new SocketcandStream()
    const found: string[] = []
    for (let at = 0; at < text.length; at += size) found.push(...fed(stream, text.slice(at, at + size)))
    assert.deepEqual(found, whole)
    assert.equal(stream.garbage, 0)
  }
})

test('elements are found between garbage, which is counted', () => {
  const stream = new SocketcandStream()
  assert.deepEqual(fed(stream, 'SSH-2.0 < frame 12< ok >>> <<< hi >x'), ['ok', 'hi'])
  assert.equal(stream.garbage, 7 + 10 + 2 + 2 + 1)
})

test('an element without end is given up, and not kept', () => {
  const stream = new SocketcandStream()
  for (let i = 0; i < 1_000; i++) assert.deepEqual(fed(stream, i === 0 ? '<' : 'a'.repeat(100)), [])
  assert.ok(stream.garbage > 90_000)
  assert.deepEqual(fed(stream, '>< ok >'), ['ok'])
})
