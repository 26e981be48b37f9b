import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CanFrame, CanLine, ReceivedCanFrame } from '../ports/can-bus.js'
import {
  IsoTpClosed,
  IsoTpInterrupted,
  IsoTpInvalidFlowStatus,
  IsoTpOverflow,
  IsoTpTimeout,
  IsoTpUnsendableLength,
  IsoTpWaitLimit,
  IsoTpWrongSequence,
  type IsoTpError,
} from './iso-tp-errors.js'
import { openIsoTp, type IsoTpOptions } from './iso-tp-link.js'

/** Two nodes joined by a wire without pace, whose frames a test sees, forges and swallows. */
function joinedNodes() {
  const heard = {
    a: new Set<(frame: ReceivedCanFrame) => void>(),
    b: new Set<(frame: ReceivedCanFrame) => void>(),
  }
  const log: string[] = []
  let swallow: (frame: CanFrame) => boolean = () => false
  const node = (own: 'a' | 'b'): CanLine => ({
    async send(frame) {
      log.push(`${own} ${Buffer.from(frame.data).toString('hex')}`)
      await Promise.resolve()
      if (swallow(frame)) return
      for (const listener of heard[own === 'a' ? 'b' : 'a']) listener({ ...frame, timestampUs: 0 })
    },
    onFrame(listener) {
      heard[own].add(listener)
      return () => heard[own].delete(listener)
    },
  })
  return {
    a: node('a'),
    b: node('b'),
    log,
    drop: (predicate: (frame: CanFrame) => boolean) => (swallow = predicate),
  }
}

const A = { transmitId: 0x6a0, receiveId: 0x6a8, extended: false }
const B = { transmitId: 0x6a8, receiveId: 0x6a0, extended: false }

function links(changesA: Partial<IsoTpOptions> = {}, changesB: Partial<IsoTpOptions> = {}) {
  const nodes = joinedNodes()
  const a = openIsoTp(nodes.a, A, changesA)
  const b = openIsoTp(nodes.b, B, changesB)
  const message = () => new Promise<Uint8Array>((resolve) => b.onMessage(resolve))
  const fault = () => new Promise<IsoTpError>((resolve) => b.onFault(resolve))
  const close = () => [a, b].forEach((link) => link.close())
  return { ...nodes, linkA: a, linkB: b, message, fault, close }
}

/** A node that sends what it is told, to stand in for a peer that breaks the rules. */
const raw = (node: CanLine, id: number, hex: string) =>
  node.send({ id, extended: false, data: new Uint8Array(Buffer.from(hex, 'hex')) })

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i & 0xff)

test('seven bytes go in a single frame, eight in a first and a consecutive one', async () => {
  const { linkA, message, log, close } = links()
  let received = message()
  await linkA.send(counting(7))
  assert.deepEqual(await received, counting(7))
  received = message()
  await linkA.send(counting(8))
  assert.deepEqual(await received, counting(8))
  assert.deepEqual(log, [
    'a 0700010203040506',
    'a 1008000102030405',
    'b 300800cccccccccc',
    'a 210607cccccccccc',
  ])
  close()
})

interface Transfer {
  readonly payload: Uint8Array
  readonly blockSize: number
  readonly padding: number | undefined
}

/** Around the ends of single, first and consecutive frames, and the longest. */
const BORDER_LENGTHS = [1, 6, 7, 8, 13, 14, 62, 111, 112, 4094, 4095]

test('payloads of 1 to 4095 bytes arrive whole, whatever the block size and the padding', async () => {
  const arbitrary: fc.Arbitrary<Transfer> = fc.record({
    payload: fc.uint8Array({ minLength: 1, maxLength: 4095, size: 'max' }),
    blockSize: fc.nat(255),
    padding: fc.option(fc.nat(255), { nil: undefined }),
  })
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ payload, blockSize, padding }) => {
      const { linkA, message, close } = links({ padding }, { blockSize, padding })
      const received = message()
      await linkA.send(payload)
      assert.deepEqual(await received, payload)
      close()
    }),
    {
      numRuns: 60,
      examples: BORDER_LENGTHS.map((length): [Transfer] => [
        { payload: counting(length), blockSize: 0, padding: undefined },
      ]),
    },
  )
})

test('the receiver’s block size and separation time are kept', async () => {
  const { linkA, message, log, close } = links({}, { blockSize: 2, separationMs: 1 })
  const received = message()
  await linkA.send(counting(6 + 7 * 5))
  await received
  assert.deepEqual(
    log.map((line) => line.slice(0, 4)),
    ['a 10', 'b 30', 'a 21', 'a 22', 'b 30', 'a 23', 'a 24', 'b 30', 'a 25'],
  )
  assert.equal(log[1], 'b 300201cccccccccc')
  close()
})

test('messages of one link do not mix; both directions work at once', async () => {
  const { linkA, linkB, close } = links()
  const atB: number[] = []
  const atA: number[] = []
  linkA.onMessage(({ length }) => atA.push(length))
  const both = new Promise<void>((resolve) => {
    linkB.onMessage(({ length }) => {
      atB.push(length)
      if (atB.length === 2) resolve()
    })
  })
  await Promise.all([linkA.send(counting(50)), linkA.send(counting(20)), linkB.send(counting(30)), both])
  assert.deepEqual([atB, atA], [[50, 20], [30]])
  close()
})

test('no flow control: N_Bs', async () => {
  const { a } = joinedNodes()
  const link = openIsoTp(a, A, { flowControlTimeoutMs: 5 })
  await assert.rejects(
    link.send(counting(20)),
    (error) => error instanceof IsoTpTimeout && error.timer === 'N_Bs',
  )
  link.close()
})

test('a consecutive frame lost at the end: N_Cr', async () => {
  const { linkA, fault, drop, close } = links({}, { consecutiveTimeoutMs: 5 })
  drop(({ data }) => data[0] === 0x22)
  const failed = fault()
  await linkA.send(counting(20))
  const error = await failed
  assert.ok(error instanceof IsoTpTimeout && error.timer === 'N_Cr')
  close()
})

test('a consecutive frame lost in the middle: wrong sequence, and nothing is delivered', async () => {
  const { linkA, linkB, fault, drop, close } = links()
  linkB.onMessage(() => assert.fail('delivered'))
  drop(({ data }) => data[0] === 0x22)
  const failed = fault()
  await linkA.send(counting(40))
  const error = await failed
  assert.ok(error instanceof IsoTpWrongSequence)
  assert.deepEqual([error.expected, error.received], [2, 3])
  close()
})

test('a message longer than the receiver takes: both sides say so', async () => {
  const { linkA, fault, close } = links({}, { maxBytes: 100 })
  const failed = fault()
  await assert.rejects(linkA.send(counting(101)), IsoTpOverflow)
  assert.ok((await failed) instanceof IsoTpOverflow)
  close()
})

test('a length that only the escape can announce is refused with overflow', async () => {
  const { a, log, fault, close } = links()
  const failed = fault()
  await raw(a, 0x6a0, '1000000010000102')
  assert.ok((await failed) instanceof IsoTpOverflow)
  assert.equal(log.at(-1), 'b 320800cccccccccc')
  close()
})

test('waits are borne up to their limit', async () => {
  const { a, b } = joinedNodes()
  const link = openIsoTp(a, A, { maxWaitFrames: 2 })
  let waits = 0
  b.onFrame(() => {
    const again = setInterval(() => {
      if (++waits === 3) clearInterval(again)
      void raw(b, 0x6a8, '310000')
    }, 1)
  })
  await assert.rejects(link.send(counting(20)), IsoTpWaitLimit)
  assert.equal(waits, 3)
  link.close()
})

test('a flow status that does not exist ends the message', async () => {
  const { a, b } = joinedNodes()
  const link = openIsoTp(a, A)
  b.onFrame(() => void raw(b, 0x6a8, '350000'))
  await assert.rejects(link.send(counting(20)), IsoTpInvalidFlowStatus)
  link.close()
})

test('a new message ends the one under way, and is itself received', async () => {
  const { a, fault, message, close } = links()
  const failed = fault()
  const received = message()
  await raw(a, 0x6a0, '1014000102030405')
  await raw(a, 0x6a0, '0101')
  assert.ok((await failed) instanceof IsoTpInterrupted)
  assert.deepEqual(await received, Uint8Array.of(1))
  close()
})

test('frames that make no sense are ignored', async () => {
  const { a, b, linkB, message, close } = links()
  linkB.onFault(() => assert.fail('fault'))
  const received = message()
  for (const hex of [
    '',
    '00',
    '08',
    '05aa',
    '1007010203040506',
    '10',
    '21aabbcc',
    '30',
    '300000',
    '40',
    'ff',
  ]) {
    await raw(a, 0x6a0, hex)
  }
  await raw(a, 0x123, '0109')
  await b.send({ id: 0x6a8, extended: false, data: new Uint8Array(0), remote: true })
  await raw(a, 0x6a0, '0102')
  assert.deepEqual(await received, Uint8Array.of(2))
  close()
})

test('lengths that cannot be sent are refused', async () => {
  const { linkA, close } = links()
  await assert.rejects(linkA.send(new Uint8Array(0)), IsoTpUnsendableLength)
  await assert.rejects(linkA.send(new Uint8Array(4096)), IsoTpUnsendableLength)
  close()
})

test('closing gives up the message under way', async () => {
  const { a } = joinedNodes()
  const link = openIsoTp(a, A)
  const failed = assert.rejects(link.send(counting(20)), IsoTpClosed)
  await Promise.resolve()
  link.close()
  await failed
  await assert.rejects(link.send(counting(1)), IsoTpClosed)
})

test('closing also ends the pause between two consecutive frames', async () => {
  const { linkA, log, close } = links({}, { separationMs: 127 })
  const failed = assert.rejects(linkA.send(counting(40)), IsoTpClosed)
  while (!log.some((line) => line.startsWith('a 21'))) await Promise.resolve()
  close()
  await failed
})
