import { createCanvas, loadImage } from '@napi-rs/canvas'
import type { FrameSize } from './pose.js'

/** Shares of the frame's width: how large a sticker is, and how far from the frame's left edge. */
const SIDE = 0.17
const FROM_LEFT = 0.012
/** Paper in a dim garage reflects less than a screen shines, levels. */
const PAPER = 165
const INK = 24

/** A printed code on the housing beside the lens, at the left edge of what the camera sees and nearer than any device. */
export async function drawSticker(
  { width, height }: FrameSize,
  picturePng: Buffer,
): Promise<(scene: Uint8Array) => Uint8Array> {
  const picture = await loadImage(picturePng)
  const side = Math.round(SIDE * width)
  const canvas = createCanvas(side, side)
  const context = canvas.getContext('2d')
  context.imageSmoothingQuality = 'high'
  context.fillStyle = '#fff'
  context.fillRect(0, 0, side, side)
  context.drawImage(picture, 0, 0, side, side)
  const { data } = context.getImageData(0, 0, side, side)
  const left = Math.round(FROM_LEFT * width)
  const top = Math.round((height - side) / 2)
  return (scene) => {
    const seen = scene.slice()
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const ink = (data[(y * side + x) * 4] ?? 255) / 255
        seen[(top + y) * width + left + x] = INK + (PAPER - INK) * ink
      }
    }
    return seen
  }
}
