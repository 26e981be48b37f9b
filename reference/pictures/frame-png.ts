import { createCanvas } from '@napi-rs/canvas'
import type { Frame } from '../ports/camera.js'

/** A camera's frame as a PNG, for people to look at. */
export function framePng({ width, height, grey }: Pick<Frame, 'width' | 'height' | 'grey'>): Buffer {
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  const image = context.createImageData(width, height)
  const { data } = image
  for (let from = 0, to = 0; from < grey.length; from++) {
    const shade = grey[from] ?? 0
    data[to++] = shade
    data[to++] = shade
    data[to++] = shade
    data[to++] = 255
  }
  context.putImageData(image, 0, 0)
  return canvas.toBuffer('image/png')
}
