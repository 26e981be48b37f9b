import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createCanvas } from '@napi-rs/canvas'
import bwip from 'bwip-js'
import qrcode from 'qrcode'
import type { Camera, Frame } from '../../../reference/ports/camera.js'
import type { Decoder } from '../../../reference/ports/decoder.js'
import { createUnlockCode } from '../../../reference/domain/unlock-code.js'
import { openDecoder } from '../../drivers/decoders/open-decoder.js'
import { openFrameStream } from '../../drivers/frame-stream/frame-stream.js'
import { startRenderedCamera, type Device, type RenderedCamera } from './rendered-camera.js'
import { seededRandom } from '../seeded-random.js'

const random = seededRandom(7)
const CODE = createUnlockCode((limit) => Math.floor(random() * limit))

const drawQr = () => qrcode.toBuffer(CODE, { errorCorrectionLevel: 'H', version: 3, scale: 8, margin: 4 })
const drawBarcode = () =>
  bwip.toBuffer({ bcid: 'code128', text: CODE, scale: 3, height: 25, padding: 10, backgroundcolor: 'FFFFFF' })

let rendered: RenderedCamera
let camera: Camera
let zxing: Decoder
let jsqr: Decoder

before(async () => {
  rendered = await startRenderedCamera({ seed: 1, fps: 30 })
  camera = await openFrameStream(rendered.stream)
  zxing = await openDecoder('zxing')
  jsqr = await openDecoder('jsqr')
})

after(async () => {
  await camera.close()
  await rendered.close()
  await zxing.close()
  await jsqr.close()
})

/** A frame that was exposed after now: one may still be on its way. */
async function nextFrame(): Promise<Frame> {
  const next = () =>
    new Promise<Frame>((resolve) => {
      const stop = camera.onFrame((frame) => {
        stop()
        resolve(frame)
      })
    })
  await next()
  await next()
  return next()
}

async function look(decoder: Decoder): Promise<string | undefined> {
  return (await decoder.decode(await nextFrame()))[0]?.text
}

for (const device of ['phone', 'tablet'] satisfies Device[]) {
  test(`a QR code on a ${device} is read by both decoders`, async () => {
    await rendered.show(await drawQr(), device)
    assert.equal(await look(zxing), CODE)
    assert.equal(await look(jsqr), CODE)
  })

  test(`a barcode on a ${device} is read by zxing, at some angle too`, async () => {
    await rendered.show(await drawBarcode(), device)
    const [decode] = await zxing.decode(await nextFrame())
    assert.deepEqual([decode?.text, decode?.symbology, decode?.corners.length], [CODE, 'code128', 4])
    await rendered.show(await drawBarcode(), device, { rotationDegrees: 8, tiltDegrees: 10 })
    assert.equal(await look(zxing), CODE)
  })
}

test('a tilted, turned, distant, dimmed QR code is still read', async () => {
  await rendered.show(await drawQr(), 'phone', {
    distanceMm: 160,
    tiltDegrees: 30,
    rotationDegrees: 25,
    blur: 1,
    brightness: 0.6,
  })
  assert.equal(await look(zxing), CODE)
  assert.equal(await look(jsqr), CODE)
})

test('a blank screen, and no device at all, give nothing', async () => {
  const blank = createCanvas(300, 300)
  blank.getContext('2d').fillStyle = '#fff'
  blank.getContext('2d').fillRect(0, 0, 300, 300)
  await rendered.show(blank.toBuffer('image/png'), 'phone')
  assert.equal(await look(zxing), undefined)
  assert.equal(await look(jsqr), undefined)
  rendered.hide()
  assert.equal(await look(zxing), undefined)
})

test('the same seed gives the same frame, another seed another; a frame is a PNG for people', async () => {
  const cameras = await Promise.all([5, 5, 6].map((seed) => startRenderedCamera({ seed })))
  const [one, same, other] = cameras.map((camera) => camera.latestFramePng())
  assert.ok(one && same && other)
  assert.ok(one.equals(same))
  assert.ok(!one.equals(other))
  assert.equal(one.subarray(1, 4).toString(), 'PNG')
  await Promise.all(cameras.map((camera) => camera.close()))
})

test('a screen that times out goes dark, and the code is gone with it', async () => {
  await rendered.show(await drawQr(), 'phone', { screenOffAfterFrames: 2 })
  const texts: (string | undefined)[] = []
  // Of frames that were drawn one after the other: with the code first, without it at the end.
  while (texts.length < 6 || texts.at(-1) !== undefined) texts.push(await look(zxing))
  assert.equal(texts.at(-1), undefined)
})

test('a mirrored and an inverted code are read', async () => {
  for (const pose of [{ mirrored: true }, { inverted: true }, { mirrored: true, inverted: true }]) {
    await rendered.show(await drawQr(), 'phone', pose)
    assert.equal(await look(zxing), CODE, JSON.stringify(pose))
  }
})
