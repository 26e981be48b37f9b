import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { CanBusClosed, CanFrameNotCarried, CanSendQueueFull } from '../../../reference/ports/can-bus.js'
import { FrameRecords } from './frame-record.js'
import { FD_BYTES, type KernelFrame } from './kernel-frame.js'
import { KernelSender } from './kernel-sender.js'
import { NEWS, OUTGOING_FRAMES, type KernelSocketApi } from './kernel-socket.js'

const { EAGAIN, EMSGSIZE, ENETDOWN, ENOBUFS } = constants.errno
const frame = (n: number): KernelFrame => ({
  canId: n,
  flags: 0,
  length: 0,
  data: new Uint8Array(0),
  timestampUs: 0,
})

interface Answer {
  readonly takes: number
  readonly error?: number
}

/** A sender on a kernel that answers as it is told, then takes everything. */
function scripted(answers: Answer[], sendQueue = 1_000) {
  const socket = {
    news: new ArrayBuffer(24),
    received: new ArrayBuffer(0),
    outgoing: new ArrayBuffer(OUTGOING_FRAMES * 80),
  }
  const records = new FrameRecords(socket.outgoing, FD_BYTES)
  const taken: number[] = []
  const calls: number[] = []
  const broken: number[] = []
  let roomAwaited = 0
  const send: KernelSocketApi['send'] = (_, first, count) => {
    const { takes, error = 0 } = answers.shift() ?? { takes: count }
    calls.push(count)
    for (let n = 0; n < Math.min(takes, count); n++) taken.push(records.read(first + n).canId)
    new Uint32Array(socket.news)[NEWS.sendError] = error
    return Math.min(takes, count)
  }
  const api = { send, awaitRoom: () => void roomAwaited++ } as unknown as KernelSocketApi
  const sender = new KernelSender(api, socket, sendQueue, (error) => broken.push(error))
  return { sender, taken, calls, broken, roomAwaited: () => roomAwaited }
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

test('the frames of a turn go out in one call, and at most 64 before others have a turn', async () => {
  const { sender, taken, calls } = scripted([])
  const sent = Promise.all(numbers(100).map((n) => sender.send(frame(n))))
  await Promise.resolve()
  assert.deepEqual(calls, [64])
  await sent
  assert.deepEqual(calls, [64, 36])
  assert.deepEqual(taken, numbers(100))
})

test('a full socket is asked again once it has room, and nothing is doubled or out of order', async () => {
  const { sender, taken, calls, roomAwaited } = scripted([{ takes: 3, error: EAGAIN }])
  const sent = Promise.all(numbers(10).map((n) => sender.send(frame(n))))
  await nextTurn()
  void sender.send(frame(10))
  await nextTurn()
  assert.deepEqual([calls.length, roomAwaited()], [1, 1], 'nobody asks meanwhile')
  sender.roomThere()
  await sent
  assert.deepEqual(taken, numbers(11))
})

test('a full queue of the interface is tried again, in order', async () => {
  const { sender, taken, roomAwaited } = scripted([
    { takes: 2, error: ENOBUFS },
    { takes: 0, error: ENOBUFS },
  ])
  await Promise.all(numbers(10).map((n) => sender.send(frame(n))))
  assert.deepEqual([taken, roomAwaited()], [numbers(10), 0])
})

test('a frame that is too long for the interface is refused alone', async () => {
  const { sender, taken } = scripted([{ takes: 1, error: EMSGSIZE }])
  const outcomes = await Promise.allSettled(numbers(3).map((n) => sender.send(frame(n))))
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.ok((outcomes[1] as PromiseRejectedResult).reason instanceof CanFrameNotCarried)
  assert.deepEqual(taken, [0, 2])
})

test('an interface that went down is told, and what waits is rejected with the reason', async () => {
  const { sender, broken } = scripted([{ takes: 1, error: ENETDOWN }])
  const sends = [0, 1].map((n) => sender.send(frame(n)))
  await sends[0]
  assert.deepEqual(broken, [ENETDOWN])
  const reason = new CanBusClosed()
  sender.end(reason)
  await assert.rejects(sends[1] as Promise<void>, reason)
})

test('no more frames wait than may', () => {
  const { sender } = scripted([{ takes: 0, error: EAGAIN }], 2)
  for (const n of [0, 1]) {
    sender.requireRoom()
    void sender.send(frame(n))
  }
  assert.throws(() => sender.requireRoom(), CanSendQueueFull)
})
