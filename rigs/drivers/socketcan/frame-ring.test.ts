import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Intake } from './intake.js'
import { packFrames, unpackFrames } from './frame-record.js'
import { FrameRing } from './frame-ring.js'
import { EFF_FLAG, FDF, OWN, type KernelFrame } from './kernel-frame.js'

const frame = (n: number, changes: Partial<KernelFrame> = {}): KernelFrame => ({
  canId: n,
  flags: 0,
  length: 2,
  data: Uint8Array.of(n & 0xff, n >> 8),
  timestampUs: 1_795_487_717_734_855 + n,
  ...changes,
})

test('frames come out of the ring as they went in, over and over its end', () => {
  const ring = FrameRing.allocate(5, 8)
  const other = new FrameRing(ring.shared)
  for (let n = 0; n < 100; n += 3) {
    const frames = [
      frame(n),
      frame(n + 1, { canId: (EFF_FLAG | 0x1fffffff) >>> 0 }),
      frame(n + 2, { flags: OWN }),
    ]
    for (const one of frames) ring.push(one)
    assert.equal(other.length, 3)
    assert.deepEqual([other.shift(), other.shift(), other.shift(), other.shift()], [...frames, undefined])
  }
  assert.equal(ring.counts().lost, 0)
})

test('what does not fit is lost and counted, to the frame', () => {
  const ring = FrameRing.allocate(4, 8)
  for (let n = 0; n < 11; n++) ring.push(frame(n))
  assert.deepEqual(ring.counts(), { sent: 0, lost: 7, exact: true })
  assert.deepEqual(ring.shift(), frame(0), 'the oldest are kept')
  ring.push(frame(11))
  assert.deepEqual([ring.length, ring.counts().lost], [4, 7])
})

test('a loss of unknown size makes the count inexact for good', () => {
  const ring = FrameRing.allocate(4, 8)
  ring.countLost(1, false)
  ring.countLost(2)
  assert.deepEqual(ring.counts(), { sent: 0, lost: 3, exact: false })
})

test('the main thread is woken once for all that comes until it looks', () => {
  const ring = FrameRing.allocate(4, 8)
  assert.deepEqual([ring.wakes(), ring.wakes(), ring.wakes()], [true, false, false])
  ring.sleep()
  assert.deepEqual([ring.wakes(), ring.wakes()], [true, false])
})

test('frames of 64 bytes cross as one block', () => {
  const frames = [frame(1), frame(2, { flags: FDF, length: 64, data: new Uint8Array(64).fill(0xab) })]
  assert.deepEqual(unpackFrames(packFrames(frames)), frames)
})

function intake(options: { filters?: { id: number; mask: number }[]; receiveOwn?: boolean } = {}) {
  const ring = FrameRing.allocate(2, 8)
  let woken = 0
  const made = new Intake(ring, options.filters, options.receiveOwn ?? false, () => woken++)
  return { ring, made, woken: () => woken }
}

test('what a node does not want takes no room and is not lost', () => {
  const { ring, made, woken } = intake({ filters: [{ id: 7, mask: 0x7ff }] })
  for (let n = 0; n < 10; n++) made.frame(frame(n), false)
  made.frame(frame(7), true)
  assert.deepEqual([ring.length, ring.counts().lost, woken()], [1, 0, 1])
})

test('own frames are marked where they are wanted', () => {
  const { ring, made } = intake({ receiveOwn: true })
  made.frame(frame(7), true)
  assert.equal(ring.shift()?.flags, OWN)
})

test('time stamps do not run back when the wall clock does', () => {
  const { ring, made } = intake()
  made.frame(frame(1, { timestampUs: 1_000 }), false)
  made.frame(frame(2, { timestampUs: 400 }), false)
  assert.deepEqual([ring.shift()?.timestampUs, ring.shift()?.timestampUs], [1_000, 1_000])
})
