import { createCanvas, loadImage } from '@napi-rs/canvas'
import QRCode from 'qrcode'
import type { Frame } from '../../../reference/ports/camera.js'
import type { Decode } from '../../../reference/ports/decoder.js'
import { openDecoder } from '../../drivers/decoders/open-decoder.js'

/** Wall milliseconds: only a reader that hangs takes longer. */
const READING_MS = 30_000

/** A QR code of any text, PNG. */
export function drawQrCode(text: string): Promise<Buffer> {
  return QRCode.toBuffer(text, { errorCorrectionLevel: 'H', scale: 10, margin: 4 })
}

/** What a picture shows to a reader that looks at it directly, without a camera. */
export async function readPicture(picture: Buffer): Promise<Decode | undefined> {
  // Whoever looks at a picture takes the time that it takes.
  const decoder = await openDecoder('zxing', { budgetMs: READING_MS })
  try {
    const [decode] = await decoder.decode(await toFrame(picture))
    return decode
  } finally {
    await decoder.close()
  }
}

async function toFrame(picture: Buffer): Promise<Frame> {
  const image = await loadImage(picture)
  const canvas = createCanvas(image.width, image.height)
  const context = canvas.getContext('2d')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, image.width, image.height)
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, image.width, image.height)
  const grey = new Uint8Array(image.width * image.height)
  for (let i = 0; i < grey.length; i++) grey[i] = data[i * 4 + 1] ?? 0 // green stands for the luminance of black on white
  return {
    width: image.width,
    height: image.height,
    grey,
    capturedAt: performance.timeOrigin + performance.now(),
  }
}
