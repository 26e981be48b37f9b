import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KernelFrame } from './kernel-frame.js'
import { SendQueue } from './send-queue.js'

const frames = (from: number, to: number): KernelFrame[] =>
  Array.from({ length: to - from }, (_, n) => ({
    canId: from + n,
    flags: 0,
    length: 0,
    data: new Uint8Array(0),
    timestampUs: 0,
  }))

test('a full queue of the kernel holds frames up, in order, and loses none', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const taken: number[] = []
  let room = 3
  let sent = 0
  const queue = new SendQueue(
    ({ canId }) => {
      if (room === 0) return false
      room--
      taken.push(canId)
      return true
    },
    { sent: (count) => (sent += count), alive: () => true },
  )
  queue.push(frames(0, 5))
  queue.push(frames(5, 7))
  assert.deepEqual(taken, [0, 1, 2])
  for (let tries = 0; tries < 3; tries++) {
    room = 2
    t.mock.timers.tick(1)
  }
  assert.deepEqual(taken, [0, 1, 2, 3, 4, 5, 6])
  assert.equal(sent, 7)
  room = 1
  queue.push(frames(7, 8))
  assert.equal(taken.at(-1), 7)
})

test('a long queue goes out in turns', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let taken = 0
  const queue = new SendQueue(() => ++taken > 0, { sent: () => {}, alive: () => true })
  queue.push(frames(0, 100))
  assert.ok(taken > 0 && taken < 100)
  t.mock.timers.tick(1)
  assert.equal(taken, 100)
})

test('a dead interface and a closed queue are not tried again', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let tries = 0
  const refuse = () => ++tries < 0
  new SendQueue(refuse, { sent: () => {}, alive: () => false }).push(frames(0, 1))
  t.mock.timers.tick(10)
  assert.equal(tries, 1)
  const closed = new SendQueue(refuse, { sent: () => {}, alive: () => true })
  closed.push(frames(0, 1))
  closed.close()
  t.mock.timers.tick(10)
  assert.equal(tries, 2)
})
