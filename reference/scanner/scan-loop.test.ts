import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Camera, Frame } from '../ports/camera.js'
import type { Decode } from '../ports/decoder.js'
import { startScanLoop } from './scan-loop.js'

const frame = (capturedAt: number): Frame => ({ width: 1, height: 1, grey: new Uint8Array(1), capturedAt })
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A scan loop whose decoder answers when the test says so. */
function loopUnderTest() {
  const looks: number[] = []
  const faults: unknown[] = []
  const lost: string[] = []
  const decoding: { frame: Frame; answer: (decode?: Decode) => void; fail: (error: Error) => void }[] = []
  let onFrame: (frame: Frame) => void = () => undefined
  let onLost: (reason: string) => void = () => undefined
  const camera: Camera = {
    onFrame: (listener) => ((onFrame = listener), () => undefined),
    onLost: (listener) => ((onLost = listener), () => undefined),
    close: async () => undefined,
  }
  const loop = startScanLoop({
    camera,
    decoder: {
      decode: (frame) =>
        new Promise((resolve, reject) => decoding.push({ frame, answer: resolve, fail: reject })),
      close: async () => undefined,
    },
    onLook: (looked) => looks.push(looked.capturedAt),
    onCameraLost: (reason) => lost.push(reason),
    onDecoderFault: (fault) => faults.push(fault),
  })
  return {
    loop,
    looks,
    faults,
    lost,
    decoding,
    take: (at: number) => onFrame(frame(at)),
    lose: (reason: string) => onLost(reason),
  }
}

test('a slow decoder gets the newest frame, and the others are counted', async () => {
  const t = loopUnderTest()
  for (const at of [1, 2, 3, 4]) t.take(at)
  t.decoding[0]?.answer()
  await settled()
  t.decoding[1]?.answer()
  await settled()
  assert.deepEqual(t.looks, [1, 4])
  assert.equal(t.decoding.length, 2)
  assert.equal(t.loop.droppedFrames, 2)
  await t.loop.close()
})

test('a decoder that fails costs one frame', async () => {
  const t = loopUnderTest()
  t.take(1)
  t.take(2)
  t.decoding[0]?.fail(new Error('too slow'))
  await settled()
  t.decoding[1]?.answer()
  await settled()
  assert.deepEqual([t.faults.length, t.looks], [1, [2]])
  await t.loop.close()
})

test('after close nothing is reported', async () => {
  const t = loopUnderTest()
  t.take(1)
  const closed = t.loop.close()
  t.decoding[0]?.answer()
  t.take(2)
  t.lose('unplugged')
  await closed
  assert.deepEqual([t.looks, t.lost, t.decoding.length], [[], [], 1])
})
