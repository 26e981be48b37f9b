import { createCanvas, loadImage } from '@napi-rs/canvas'
import type { Camera, Frame } from '../../../reference/ports/camera.js'
import type { Decoder } from '../../../reference/ports/decoder.js'
import { targetCardSvg } from '../../../reference/scanner/target-card.js'

/** The target card's width as a picture for screens, pixels. */
const CARD_PIXELS = 1_520

/** The target card as PNG: what a screen before the camera shows. */
export async function targetCardPng(): Promise<Buffer> {
  const card = await loadImage(Buffer.from(targetCardSvg()))
  const height = Math.round((CARD_PIXELS * card.height) / card.width)
  const canvas = createCanvas(CARD_PIXELS, height)
  canvas.getContext('2d').drawImage(card, 0, 0, CARD_PIXELS, height)
  return canvas.encode('png')
}

/** The next frames of a camera: fewer when it ends, or when the time is up (wall milliseconds). */
export function collectFrames(camera: Camera, count: number, withinMs: number): Promise<Frame[]> {
  const frames: Frame[] = []
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(limit)
      stop()
      resolve(frames)
    }
    const limit = setTimeout(end, withinMs)
    const stop = camera.onFrame((frame) => {
      frames.push(frame)
      if (frames.length >= count) end()
    })
    void camera.ended?.then(end)
  })
}

/** What can be read in the first frame in which anything can. */
export async function firstTextIn(frames: readonly Frame[], decoder: Decoder): Promise<string | undefined> {
  for (const frame of frames) {
    const [decode] = await decoder.decode(frame)
    if (decode) return decode.text
  }
  return undefined
}
