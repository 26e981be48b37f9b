import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Frame } from '../../../reference/ports/camera.js'
import { CameraFeed } from './camera-feed.js'

const frame = (capturedAt: number): Frame => ({ width: 1, height: 1, grey: new Uint8Array(1), capturedAt })
const microtasks = () => new Promise((resolve) => setImmediate(resolve))

test('the newest frame that came before anybody listened is not lost, and told once', async () => {
  const feed = new CameraFeed()
  feed.frame(frame(1))
  feed.frame(frame(2))
  const [first, second]: number[][] = [[], []]
  feed.onFrame(({ capturedAt }) => first?.push(capturedAt))
  feed.onFrame(({ capturedAt }) => second?.push(capturedAt))
  await microtasks()
  assert.deepEqual([first, second], [[2], []])
  feed.frame(frame(3))
  assert.deepEqual([first, second], [[2, 3], [3]])
})

test('a loss is told once, also to whoever listens later, until a frame comes', async () => {
  const feed = new CameraFeed()
  const told: string[] = []
  feed.onLost((reason) => told.push(`first: ${reason}`))
  feed.lose('unplugged')
  feed.lose('unplugged')
  feed.onLost((reason) => told.push(`second: ${reason}`))
  await microtasks()
  assert.deepEqual(told, ['first: unplugged', 'second: unplugged'])
  feed.frame(frame(1))
  feed.onLost((reason) => told.push(`third: ${reason}`))
  await microtasks()
  assert.equal(told.length, 2)
  feed.lose('unplugged')
  assert.equal(told.length, 5)
})

test('after close nothing is told', async () => {
  const feed = new CameraFeed()
  feed.onFrame(() => assert.fail('a frame after close'))
  feed.onLost(() => assert.fail('a loss after close'))
  feed.close()
  feed.frame(frame(1))
  feed.lose('unplugged')
  await microtasks()
})
