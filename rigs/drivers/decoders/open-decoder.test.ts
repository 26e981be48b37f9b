import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import qrcode from 'qrcode'
import type { Frame } from '../../../reference/ports/camera.js'
import type { Decode, Decoder } from '../../../reference/ports/decoder.js'
import { chainDecoders, openDecoder } from './open-decoder.js'
import { DecodeBudgetExceeded, DecoderFailed, openWorkerDecoder } from './worker-decoder.js'

const CODE = '112345678901234567890142'

async function qrFrame(): Promise<Frame> {
  const png = await qrcode.toBuffer(CODE, { errorCorrectionLevel: 'H', version: 2, scale: 6, margin: 4 })
  const image = await loadImage(png)
  const context = createCanvas(image.width, image.height).getContext('2d')
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, image.width, image.height)
  const grey = Uint8Array.from({ length: data.length / 4 }, (_, i) => data[i * 4] ?? 0)
  return { width: image.width, height: image.height, grey, capturedAt: 0 }
}

test('the frame stays its owner’s, and frames are read one after the other', async () => {
  const decoder = await openDecoder('zxing')
  const frame = await qrFrame()
  const decodes = await Promise.all([decoder.decode(frame), decoder.decode(frame)])
  assert.deepEqual(
    decodes.map(([decode]) => decode?.text),
    [CODE, CODE],
  )
  assert.equal(frame.grey.length, frame.width * frame.height)
  await decoder.close()
  await assert.rejects(decoder.decode(frame), DecoderFailed)
})

test('a frame that takes too long is given up, and the decoder starts afresh', async () => {
  const stuck = `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', ({ width }) => {
      while (width === 13) {}
      parentPort.postMessage({ kind: 'read', decodes: [] })
    })
    parentPort.postMessage({ kind: 'ready' })`)}`
  const decoder = await openWorkerDecoder('stuck', new URL(stuck), 200)
  const frame = (width: number): Frame => ({ width, height: 1, grey: new Uint8Array(width), capturedAt: 0 })
  await assert.rejects(decoder.decode(frame(13)), DecodeBudgetExceeded)
  assert.deepEqual(await decoder.decode(frame(12)), [])
  await decoder.close()
})

test('a worker that cannot start is a named error', async () => {
  const broken = new URL('data:text/javascript,throw new Error("no module")')
  await assert.rejects(openWorkerDecoder('broken', broken, 200), DecoderFailed)
})

test('in a chain the first that reads wins, and a fault counts only when nobody reads', async () => {
  const decode: Decode = { text: CODE, symbology: 'qr', corners: [], by: 'second' }
  const close = async () => undefined
  const blind: Decoder = { decode: async () => [], close }
  const broken: Decoder = { decode: () => Promise.reject(new Error('first')), close }
  const sees: Decoder = { decode: async () => [decode], close }
  const frame: Frame = { width: 1, height: 1, grey: new Uint8Array(1), capturedAt: 0 }
  assert.deepEqual(await chainDecoders([blind, broken, sees]).decode(frame), [decode])
  assert.deepEqual(await chainDecoders([blind, blind]).decode(frame), [])
  await assert.rejects(chainDecoders([broken, blind]).decode(frame), /first/)
})
