import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Frame } from '../ports/camera.js'
import { CameraHealth, type HealthOptions } from './camera-health.js'

const SIZE = { width: 64, height: 48 }

/** A frame of vertical stripes, a pixel of noise apart from every other. */
function frame(nth: number, at: number, size = SIZE, dark = 20, light = 220): Frame {
  const grey = new Uint8Array(size.width * size.height)
  for (let i = 0; i < grey.length; i++) grey[i] = (i % size.width) % 16 < 8 ? dark : light
  grey[0] = nth % 256
  return { ...size, grey, capturedAt: at }
}

function watched(frames: readonly Frame[], options: HealthOptions = {}): CameraHealth {
  const health = new CameraHealth(options)
  for (const one of frames) health.frame(one)
  return health
}

const live = (count: number, periodMs = 100) =>
  Array.from({ length: count }, (_, i) => frame(i, i * periodMs))

test('a live camera has no fault', () => {
  assert.deepEqual(watched(live(60), { size: SIZE, fps: 10 }).faults, [])
})

test('the same picture five times is frozen; one that differs in a pixel ends it', () => {
  const same = Array.from({ length: 5 }, (_, i) => frame(7, i * 100))
  const health = watched(same.slice(1))
  assert.deepEqual(health.faults, [])
  health.frame(same[4] as Frame)
  assert.deepEqual(health.faults, ['frozen'])
  health.frame(frame(8, 600))
  assert.deepEqual(health.faults, [])
  assert.deepEqual(watched(same, { frozenFrames: 300 }).faults, [])
})

test('silence is stalled after three frame periods and half a second, and over with the next frame', () => {
  const health = watched(live(10), { fps: 10 })
  health.tick(900 + 800)
  assert.deepEqual(health.faults, [])
  health.tick(900 + 801)
  assert.deepEqual(health.faults, ['stalled'])
  health.frame(frame(99, 1_800))
  assert.deepEqual(health.faults, [])
})

test('a lost camera is stalled until it is back', () => {
  const health = watched(live(10))
  health.lost()
  assert.deepEqual(health.faults, ['stalled'])
  health.frame(frame(99, 5_000))
  assert.deepEqual(health.faults, [])
})

test('every fifth frame missing is dropping, whether or not the rate is known', () => {
  const holed = live(60).filter((_, i) => i % 5 !== 0)
  assert.deepEqual(watched(holed, { fps: 10 }).faults, ['dropping'])
  assert.deepEqual(watched(holed).faults, ['dropping'])
})

test('frames that come late and then catch up are not dropped', () => {
  const jittered = live(60).map((one, i) => ({ ...one, capturedAt: one.capturedAt + (i % 4 === 0 ? 60 : 0) }))
  assert.deepEqual(watched(jittered, { fps: 10 }).faults, [])
})

test('a driver that changes the size is named', () => {
  const small = Array.from({ length: 3 }, (_, i) => frame(i, i * 100, { width: 32, height: 24 }))
  assert.deepEqual(watched(small, { size: SIZE }).faults, ['wrong-resolution'])
})

test('one dark frame is no fault, five are, and it is over after five good ones', () => {
  const black = (i: number) => frame(0, i * 100, SIZE, 2 + (i % 2), 3)
  const health = watched([...live(3), black(3)])
  assert.deepEqual(health.faults, [])
  for (let i = 4; i < 8; i++) health.frame(black(i))
  assert.deepEqual(health.faults, ['black'])
  for (let i = 8; i < 12; i++) health.frame(frame(i, i * 100))
  assert.deepEqual(health.faults, ['black'])
  health.frame(frame(12, 1_200))
  assert.deepEqual(health.faults, [])
})
