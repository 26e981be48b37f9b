import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Frame } from '../../../reference/ports/camera.js'
import { contrastOf, skipFlatFrames } from './contrast.js'

/** @param share of the pixels that are bright */
function frame(dark: number, bright: number, share: number): Frame {
  const grey = new Uint8Array(64 * 48).map((_, i) => ((i * 0.618) % 1 < share ? bright : dark))
  return { width: 64, height: 48, grey, capturedAt: 0 }
}

test('contrast is the spread of the levels, without the outliers', () => {
  assert.equal(contrastOf(frame(30, 30, 0)), 0)
  assert.equal(contrastOf(frame(30, 230, 0.5)), 200)
  assert.equal(contrastOf(frame(30, 230, 0.02)), 0)
})

test('only frames with something to see reach the decoder', async () => {
  const seen: Frame[] = []
  const decoder = skipFlatFrames({
    decode: async (frame) => (seen.push(frame), []),
    close: async () => undefined,
  })
  const lit = frame(20, 220, 0.2)
  for (const shown of [frame(30, 60, 0.5), lit, frame(200, 230, 0.5)]) await decoder.decode(shown)
  assert.deepEqual(seen, [lit])
})

test('a small code in a dim scene is something to see, wherever it is', () => {
  const [width, height] = [640, 480]
  for (const [left, top] of [
    [0, 200],
    [300, 10],
    [580, 420],
  ] as const) {
    const grey = new Uint8Array(width * height).fill(40)
    for (let y = top; y < top + 60; y++) {
      for (let x = left; x < left + 60; x++) grey[y * width + x] = (x >> 2) % 2 ? 160 : 30
    }
    assert.ok(contrastOf({ width, height, grey, capturedAt: 0 }) > 100, `${left}, ${top}`)
  }
})
