import { createCanvas, type Canvas, type Image } from '@napi-rs/canvas'

const DARK = 128

/** A code's picture without its quiet zone. */
export function cropToSymbol(picture: Image): Canvas {
  const { width, height } = picture
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.drawImage(picture, 0, 0)
  const { data } = context.getImageData(0, 0, width, height)
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((data[(y * width + x) * 4] ?? 255) >= DARK) continue
      left = Math.min(left, x)
      right = Math.max(right, x + 1)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y + 1)
    }
  }
  const cropped = createCanvas(Math.max(1, right - left), Math.max(1, bottom - top))
  cropped.getContext('2d').drawImage(canvas, -left, -top)
  return cropped
}
