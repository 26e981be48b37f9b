import assert from 'node:assert/strict'
import { test } from 'node:test'
import bwip from 'bwip-js'
import qrcode from 'qrcode'
import type { Frame } from '../../../reference/ports/camera.js'
import type { Decode } from '../../../reference/ports/decoder.js'
import type { Pose } from '../../simulated/rendered-camera/pose.js'
import { sceneWithDevice } from '../../simulated/rendered-camera/scene.js'
import { createSensor } from '../../simulated/rendered-camera/sensor.js'
import { openDecoder } from './open-decoder.js'
import { createPipeline } from './pipeline.js'

const CODE = '112345678901234567890142'
const SIZE = { width: 640, height: 480 }

async function frameOf(picture: Buffer, pose: Pose, noise = 4): Promise<Frame> {
  const grey = createSensor(SIZE, 3, noise)(await sceneWithDevice(SIZE, picture, 'phone', pose))
  return { ...SIZE, grey, capturedAt: 0 }
}

test('a barcode is read at any angle, inverted too, where zxing alone is blind', async () => {
  const picture = await bwip.toBuffer({
    bcid: 'code128',
    text: CODE,
    scale: 4,
    height: 24,
    padding: 10,
    backgroundcolor: 'FFFFFF',
  })
  const pipeline = await openDecoder('pipeline', { frameBudgetMs: 60_000 })
  const zxing = await openDecoder('zxing')
  let blind = 0
  for (const rotationDegrees of [0, 25, 40, 50, 65, 90, 140, 200, 310]) {
    const frame = await frameOf(picture, { rotationDegrees, inverted: rotationDegrees === 140 })
    const [decode] = await pipeline.decode(frame)
    assert.deepEqual([decode?.text, decode?.symbology], [CODE, 'code128'], `${rotationDegrees}°`)
    if ((await zxing.decode(frame)).length === 0) blind++
  }
  assert.ok(blind >= 3, `zxing alone misses ${blind}`)
  await pipeline.close()
  await zxing.close()
})

test('QR codes of other versions, mirrored, inverted, tilted and noisy ones are read', async () => {
  const pipeline = await openDecoder('pipeline', { frameBudgetMs: 60_000 })
  const poses: readonly (readonly [number, Pose, number])[] = [
    [2, { tiltDegrees: 45, timesFarther: 1.3 }, 4],
    [7, { mirrored: true, rotationDegrees: 30 }, 4],
    [10, { inverted: true, pitchDegrees: 20 }, 4],
    [3, { timesFarther: 1.6 }, 45],
    [2, { brightness: 0.08, timesFarther: 1.6 }, 6],
  ]
  for (const [version, pose, noise] of poses) {
    const picture = await qrcode.toBuffer(CODE, { version, errorCorrectionLevel: 'M', margin: 4, scale: 10 })
    assert.equal(
      (await pipeline.decode(await frameOf(picture, pose, noise)))[0]?.text,
      CODE,
      JSON.stringify(pose),
    )
  }
  await pipeline.close()
})

/** A pipeline whose every way is written down, and reads when the test says so. */
function scripted(reads: (stage: string, frame: Frame) => boolean, frameBudgetMs = 1_000, costMs = 0) {
  const tried: string[] = []
  let clock = 0
  const decode = async (frame: Frame, stage: string): Promise<Decode[]> => {
    tried.push(stage)
    clock += costMs
    const corners = [110, 130].flatMap((y) => [110, 130].map((x) => ({ x, y })))
    return reads(stage, frame) ? [{ text: CODE, symbology: 'qr', corners, by: stage }] : []
  }
  const close = async () => undefined
  const pipeline = createPipeline({
    zxing: { decode: (frame, stage = 'fast') => decode(frame, stage), close },
    jsqr: { decode: (frame) => decode(frame, 'jsqr'), close },
    rescue: { decode: (frame) => decode(frame, 'rescue'), close },
    frameBudgetMs,
    now: () => clock,
  })
  return { pipeline, tried }
}

const blank = (capturedAt: number): Frame => ({
  ...SIZE,
  grey: new Uint8Array(SIZE.width * SIZE.height),
  capturedAt,
})

test('costly ways take turns over frames when one frame’s time is spent', async () => {
  const { pipeline, tried } = scripted(() => false, 250, 100)
  for (let i = 0; i < 4; i++) await pipeline.decode(blank(i))
  const costly = tried.filter((stage) => stage !== 'fast')
  assert.deepEqual(costly, ['bars', 'level', 'enlarge', 'smooth', 'sharpen', 'jsqr', 'rescue', 'bars'])
})

test('the way that read last is the first to be tried', async () => {
  const { pipeline, tried } = scripted((stage) => stage === 'sharpen')
  await pipeline.decode(blank(0))
  tried.length = 0
  await pipeline.decode(blank(10_000))
  assert.deepEqual(tried, ['fast', 'sharpen'])
})

test('a frame with known codes alone has one costly way look at the rest, painted over; a new code ends the look', async () => {
  const { pipeline, tried } = scripted((stage) => stage === 'fast')
  await pipeline.decode(blank(0))
  assert.deepEqual(tried, ['fast'])
  await pipeline.decode(blank(1))
  await pipeline.decode(blank(2))
  assert.deepEqual(tried.slice(1), ['fast', 'bars', 'fast', 'level'])
})
