import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { FrameRing } from './frame-ring.js'
import { Intake } from './intake.js'
import { ERR_FLAG, type KernelFrame } from './kernel-frame.js'
import { OwnEcho, type EchoingSocket } from './own-echo.js'

const frame = (n: number): KernelFrame => ({
  canId: n,
  flags: 0,
  length: 1,
  data: Uint8Array.of(n),
  timestampUs: n,
})

function echoing(socket: Partial<EchoingSocket> = {}, receiveOwn = false) {
  const ring = FrameRing.allocate(100, 8)
  const intake = new Intake(ring, undefined, receiveOwn, () => {})
  const echo = new OwnEcho(intake, { atOnce: true, unwantedToo: false, silentDrops: false, ...socket })
  const lost = () => {
    const { lost: frames, exact } = ring.counts()
    return { frames, exact }
  }
  return { echo, ring, lost }
}

function settle(t: TestContext): void {
  t.mock.timers.tick(250)
}

test('a drop while no echo is awaited is a loss at once', () => {
  const { echo, lost } = echoing()
  echo.dropped(7)
  assert.deepEqual(lost(), { frames: 7, exact: true })
})

test('dropped echoes that nobody wants are no loss, the frames of others among them are', () => {
  const { echo, lost, ring } = echoing()
  for (const n of [1, 2, 3]) echo.sent(frame(n))
  echo.dropped(5)
  assert.deepEqual(lost(), { frames: 0, exact: true }, 'nobody can tell yet')
  assert.equal(echo.heard(frame(3), true), true)
  assert.deepEqual(lost(), { frames: 3, exact: true })
  assert.equal(ring.length, 0, 'own frames are not delivered')
  echo.close()
})

test('dropped echoes are a loss where the node wants to hear its own', () => {
  const { echo, lost } = echoing({}, true)
  echo.sent(frame(1))
  echo.dropped(1)
  assert.deepEqual(lost(), { frames: 1, exact: true })
})

test('on a virtual bus echoes that have not come after a drop are taken for dropped', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { echo, lost } = echoing()
  for (const n of [1, 2]) echo.sent(frame(n))
  echo.dropped(5)
  settle(t)
  assert.deepEqual(lost(), { frames: 3, exact: true })
  assert.equal(echo.heard(frame(1), true), false, 'it is awaited no longer')
})

test('on a real bus, where they may still come, the loss is told as a least', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { echo, lost } = echoing({ atOnce: false })
  for (const n of [1, 2]) echo.sent(frame(n))
  echo.dropped(2)
  settle(t)
  assert.deepEqual(lost(), { frames: 1, exact: false })
  assert.equal(echo.heard(frame(1), true), true)
})

test('a drop of frames that the filters may have kept out is told as a least', () => {
  const { echo, lost } = echoing({ unwantedToo: true })
  echo.dropped(40)
  assert.deepEqual(lost(), { frames: 1, exact: false })
})

test('a frame that is known to come from another node is never own', () => {
  const { echo, ring } = echoing()
  echo.sent(frame(1))
  assert.equal(echo.heard(frame(1), false), false)
  assert.equal(ring.length, 1)
  assert.equal(echo.heard(frame(1), true), true)
})

test('after bus-off the echoes of flushed frames are not waited for', () => {
  const { echo } = echoing({ atOnce: false })
  for (const n of [1, 2, 3, 4]) echo.sent(frame(n))
  assert.equal(echo.underWay, 4)
  echo.heard({ ...frame(0), canId: (ERR_FLAG | 0x40) >>> 0 }, true)
  assert.equal(echo.underWay, 0, 'they do not hold up the sender')
  assert.equal(echo.heard(frame(4), true), true)
})
