import { createCanvas } from '@napi-rs/canvas'
import type { Frame } from '../ports/camera.js'

/** A camera's frame as a PNG, for people to look at. */
export function framePng({ width, height, grey }: Pick<Frame, 'width' | 'height' | 'grey'>): Buffer {
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  const image = context.createImageData(width, height)
  for (let i = 0; i < grey.length; i++) {
    image.data.fill(grey[i] ?? 0, i * 4, i * 4 + 3)
    image.data[i * 4 + 3] = 255
  }
  context.putImageData(image, 0, 0)
  return canvas.toBuffer('image/png')
}
