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
  const decoding: { frame: Frame; answer: (decodes: Decode[]) => void; fail: (error: Error) => void }[] = []
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
  t.decoding[0]?.answer([])
  await settled()
  t.decoding[1]?.answer([])
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
  t.decoding[1]?.answer([])
  await settled()
  assert.deepEqual([t.faults.length, t.looks], [1, [2]])
  await t.loop.close()
})

test('after close nothing is reported', async () => {
  const t = loopUnderTest()
  t.take(1)
  const closed = t.loop.close()
  t.decoding[0]?.answer([])
  t.take(2)
  t.lose('unplugged')
  await closed
  assert.deepEqual([t.looks, t.lost, t.decoding.length], [[], [], 1])
})

/** Thirty frames a second for some seconds before a decoder of so many milliseconds, all on one simulated time. */
async function simulate({
  seconds,
  decoderMs,
  changesAtMs,
}: Record<'seconds' | 'decoderMs' | 'changesAtMs', number>) {
  let now = 0
  let onFrame: (frame: Frame) => void = () => undefined
  let decoding:
    { readonly frame: Frame; readonly endsAt: number; readonly answer: (d: Decode) => void } | undefined
  const results: { readonly text: string; readonly ageMs: number }[] = []
  const codeAt = (ms: number) => (ms < changesAtMs ? 'first' : 'second')
  const loop = startScanLoop({
    camera: {
      onFrame: (listener) => ((onFrame = listener), () => undefined),
      onLost: () => () => undefined,
      close: async () => undefined,
    },
    decoder: {
      decode: (frame) =>
        new Promise((answer) => (decoding = { frame, endsAt: now + decoderMs, answer: (d) => answer([d]) })),
      close: async () => undefined,
    },
    onLook: ({ capturedAt }, [decode]) => results.push({ text: decode?.text ?? '', ageMs: now - capturedAt }),
    onCameraLost: () => assert.fail('the camera is not lost'),
    onDecoderFault: () => assert.fail('the decoder does not fail'),
  })
  const frames = 30 * seconds
  for (let n = 0; n < frames; n++) {
    const comesAt = (n * 1_000) / 30
    while (decoding && decoding.endsAt <= comesAt) {
      now = decoding.endsAt
      const { frame, answer } = decoding
      decoding = undefined
      answer({ text: codeAt(frame.capturedAt), symbology: 'qr', corners: [], by: 'test' })
      await settled()
    }
    now = comesAt
    onFrame(frame(now))
    await settled()
  }
  const { droppedFrames } = loop
  decoding?.answer({ text: codeAt(decoding.frame.capturedAt), symbology: 'qr', corners: [], by: 'test' })
  await loop.close()
  return { frames, results, droppedFrames }
}

test('30 frames a second before a decoder of 200 ms: results stay young, drops are counted, no code comes back', async () => {
  const { frames, results, droppedFrames } = await simulate({
    seconds: 20,
    decoderMs: 200,
    changesAtMs: 9_000,
  })
  assert.ok(results.length >= 90, `${results.length} looks in 20 s`)
  const oldest = Math.max(...results.map(({ ageMs }) => ageMs))
  assert.ok(oldest <= 234, `a result is ${oldest} ms old: one look and one frame are 233`)
  // At the end one frame is being looked at, and one waits.
  assert.equal(droppedFrames, frames - results.length - 2)
  const texts = results.map(({ text }) => text)
  assert.ok(texts.includes('first'))
  assert.equal(texts.lastIndexOf('first') + 1, texts.indexOf('second'), 'the first code came back')
})
