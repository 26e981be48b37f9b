import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  InvalidIsoTpOption,
  IsoTpClosed,
  IsoTpInterrupted,
  IsoTpOverflow,
  IsoTpTimeout,
  IsoTpUnsendableLength,
  IsoTpWrongSequence,
} from './iso-tp-errors.js'
import type { CanLine, ReceivedCanFrame } from '../ports/can-bus.js'
import { openIsoTp, type IsoTpOptions } from './iso-tp-link.js'
import { B, counting, hex, joinLinks, joinPeer } from './test-iso-tp.js'

test('seven bytes go in a single frame, eight in a first and a consecutive one', async () => {
  const { clock, line, a, b } = joinLinks()
  await clock.run(a.link.send(counting(7)))
  await clock.run(a.link.send(counting(8)))
  assert.deepEqual(b.messages, [hex(counting(7)), hex(counting(8))])
  assert.deepEqual(line.lines(), [
    'a 0700010203040506',
    'a 1008000102030405',
    'b 300800cccccccccc',
    'a 210607cccccccccc',
  ])
})

test('without padding frames are as short as they can be', async () => {
  const { clock, line, a } = joinLinks({ a: { padding: undefined }, b: { padding: undefined } })
  await clock.run(a.link.send(counting(3)))
  await clock.run(a.link.send(counting(8)))
  assert.deepEqual(line.lines(), ['a 03000102', 'a 1008000102030405', 'b 300800', 'a 210607'])
})

test('the receiver’s block size and separation time are told, and the sequence wraps from 15 to 0', async () => {
  const { clock, line, a } = joinLinks({ b: { blockSize: 9, separationMs: 1 } })
  await clock.run(a.link.send(counting(6 + 7 * 17)))
  const heads = line.lines().map((text) => text.slice(0, 4))
  const consecutive = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `a 2${((from + i) % 16).toString(16)}`)
  assert.deepEqual(heads, ['a 10', 'b 30', ...consecutive(1, 9), 'b 30', ...consecutive(10, 17)])
  assert.equal(line.lines()[1], 'b 300901cccccccccc')
})

test('messages of one link do not mix; both directions work at once', async () => {
  const { clock, a, b } = joinLinks({ line: { frameUs: 222 } })
  await clock.run(
    Promise.all([a.link.send(counting(50)), a.link.send(counting(20)), b.link.send(counting(30))]),
  )
  assert.deepEqual(b.messages, [hex(counting(50)), hex(counting(20))])
  assert.deepEqual(a.messages, [hex(counting(30))])
})

test('a message above 4095 bytes is announced with 32 bits, where both ends take it', async () => {
  const { clock, line, a, b } = joinLinks({ a: { maxBytes: 10_000 }, b: { maxBytes: 10_000 } })
  await clock.run(a.link.send(counting(9_000)))
  assert.equal(line.lines()[0], 'a 1000000023280001')
  assert.deepEqual(b.messages, [hex(counting(9_000))])
})

test('a length that only the escape can announce is refused with overflow by default', async () => {
  const { tell, faults, answers } = joinPeer()
  await tell('10 00 00 00 10 00 01 02')
  assert.ok(faults[0] instanceof IsoTpOverflow)
  assert.deepEqual(answers(), ['320800cccccccccc'])
})

test('an announced length of 4 GiB takes no more memory than its bytes, as they come', async () => {
  const before = process.memoryUsage().arrayBuffers
  const { tell, answers, clock, faults } = joinPeer({ maxBytes: 0xffff_ffff })
  await tell('10 00 ff ff ff ff 01 02', '21 03 04 05 06 07 08 09')
  assert.deepEqual(answers(), ['300800cccccccccc'])
  assert.ok(process.memoryUsage().arrayBuffers - before < 10_000_000)
  await clock.advance()
  assert.ok(faults[0] instanceof IsoTpTimeout)
})

test('a frame lost in the middle: wrong sequence, and nothing is delivered', async () => {
  const { clock, line, a, b } = joinLinks()
  line.drop(({ data }) => data[0] === 0x22)
  await clock.run(a.link.send(counting(40)))
  const [fault] = b.faults
  assert.ok(fault instanceof IsoTpWrongSequence)
  assert.deepEqual([fault.expected, fault.received], [2, 3])
  assert.deepEqual([b.messages, b.faults.length], [[], 1])
})

test('a frame that is repeated: wrong sequence', async () => {
  const { tell, faults, messages } = joinPeer()
  await tell('10 14 00 01 02 03 04 05', '21 06 07 08 09 0a 0b 0c', '21 06 07 08 09 0a 0b 0c')
  assert.ok(faults[0] instanceof IsoTpWrongSequence)
  assert.deepEqual(messages, [])
})

test('a new message ends the one under way, and is itself received', async () => {
  const { tell, faults, messages } = joinPeer()
  await tell('10 14 00 01 02 03 04 05', '01 01', '21 06 07 08 09 0a 0b 0c')
  await tell('10 14 00 01 02 03 04 05', '10 08 07 06 05 04 03 02', '21 01 00')
  assert.deepEqual(messages, ['01', '0706050403020100'])
  assert.deepEqual(
    faults.map(({ name }) => name),
    ['IsoTpInterrupted', 'IsoTpInterrupted'],
  )
  assert.ok(faults[0] instanceof IsoTpInterrupted)
})

test('frames that make no sense are ignored, also within a message', async () => {
  const { tell, line, clock, messages, faults } = joinPeer()
  const noise = ['', '00', '08', '05aa', '1007010203040506', '10', '30', '300000', '40', 'ff']
  await tell(...noise, '21aabbcc')
  await clock.run(line.a.send({ id: 0x123, extended: false, data: Uint8Array.of(1, 9) }))
  await clock.run(line.a.send({ id: 0x6a0, extended: false, data: new Uint8Array(0), remote: true }))
  await tell('10 08 00 01 02 03 04 05', ...noise, '21 06 07')
  assert.deepEqual([messages, faults], [['0001020304050607'], []])
})

test('a payload stays as it is, whatever becomes of the frame that brought it', () => {
  let hear: (frame: ReceivedCanFrame) => void = () => assert.fail('not listening')
  const line: CanLine = {
    send: () => Promise.resolve(),
    onFrame: (listener) => {
      hear = listener
      return () => undefined
    },
  }
  const payloads: Uint8Array[] = []
  openIsoTp(line, B).onMessage((payload) => payloads.push(payload))
  const data = Uint8Array.of(1, 7)
  hear({ id: 0x6a0, extended: false, timestampUs: 0, data })
  data.fill(0)
  assert.deepEqual(payloads, [Uint8Array.of(7)])
})

test('what the node itself sent under the same id is not taken for the peer’s', () => {
  let hear: (frame: ReceivedCanFrame) => void = () => assert.fail('not listening')
  const line: CanLine = {
    send: () => Promise.resolve(),
    onFrame: (listener) => {
      hear = listener
      return () => undefined
    },
  }
  const messages: string[] = []
  openIsoTp(line, B).onMessage((payload) => messages.push(hex(payload)))
  const frame = { id: 0x6a0, extended: false, timestampUs: 0 }
  hear({ ...frame, data: Uint8Array.of(1, 9), own: true })
  hear({ ...frame, data: Uint8Array.of(1, 8) })
  assert.deepEqual(messages, ['08'])
})

test('lengths that cannot be sent are refused', async () => {
  const { clock, a } = joinLinks({ a: { maxBytes: 50 } })
  await assert.rejects(clock.run(a.link.send(new Uint8Array(0))), IsoTpUnsendableLength)
  await assert.rejects(clock.run(a.link.send(counting(51))), IsoTpUnsendableLength)
  await clock.run(a.link.send(counting(50)))
})

test('in full duplex a link receives while it sends', async () => {
  const { clock, link, tell, messages } = joinPeer()
  const sent = link.send(counting(20))
  await clock.advance(0)
  await tell('02 aa bb', '10 08 00 01 02 03 04 05', '21 06 07', '30 00 00')
  await clock.run(sent)
  assert.deepEqual(messages, ['aabb', '0001020304050607'])
})

test('in half duplex a link that sends takes only its flow control', async () => {
  const { clock, link, tell, messages, answers } = joinPeer({ duplex: 'half' })
  const sent = link.send(counting(20))
  await clock.advance(0)
  await tell('02 aa bb', '10 08 00 01 02 03 04 05', '21 06 07', '30 00 00')
  await clock.run(sent)
  assert.deepEqual(messages, [])
  assert.equal(answers().filter((text) => text.startsWith('3')).length, 0)
  await tell('02 aa bb')
  assert.deepEqual(messages, ['aabb'])
})

test('in half duplex what is to be sent waits for the message that comes in', async () => {
  const { clock, link, tell, answers, messages } = joinPeer({ duplex: 'half' })
  await tell('10 14 00 01 02 03 04 05')
  const sent = link.send(counting(2))
  await tell('21 06 07 08 09 0a 0b 0c')
  assert.equal(answers().length, 1)
  await tell('22 0d 0e 0f 10 11 12 13')
  await clock.run(sent)
  assert.deepEqual(messages, [hex(counting(20))])
  assert.deepEqual(answers().slice(1), ['020001cccccccccc'])
})

test('closing gives up the message under way, and what waits behind it', async () => {
  const { clock, a } = joinLinks({ b: { separationMs: 127 } })
  const sent = [a.link.send(counting(40)), a.link.send(counting(1))].map((each) =>
    assert.rejects(each, IsoTpClosed),
  )
  await clock.advance(200_000)
  a.link.close()
  await clock.run(Promise.all(sent))
  assert.equal(clock.nowUs(), 200_000)
  await assert.rejects(a.link.send(counting(1)), IsoTpClosed)
})

test('closing leaves no wait behind at either end', async () => {
  const { clock, a, b, close } = joinLinks()
  b.link.pause()
  const failed = assert.rejects(a.link.send(counting(40)), IsoTpClosed)
  await clock.advance(0)
  close()
  await failed
  assert.equal(clock.waiting, 0)
  assert.deepEqual([a.faults, b.faults], [[], []])
})

const WRONG_OPTIONS: Partial<IsoTpOptions>[] = [
  { blockSize: 256 },
  { blockSize: 1.5 },
  { separationMs: 127.5 },
  { separationMs: NaN },
  { padding: 256 },
  { maxBytes: 0 },
  { maxBytes: 2 ** 32 },
  { flowControlTimeoutMs: 0 },
  { maxWaitFrames: -1 },
  { fd: { txDl: 9, bitrateSwitch: false } },
  { fd: { txDl: 7, bitrateSwitch: false } },
  { duplex: 'simplex' as 'half' },
]

for (const wrong of WRONG_OPTIONS) {
  test(`the option ${JSON.stringify(wrong)} is refused by its name`, () => {
    const [name] = Object.keys(wrong) as [string]
    assert.throws(
      () => joinLinks({ b: wrong }),
      (error) => error instanceof InvalidIsoTpOption && error.message.includes(name),
    )
  })
}
