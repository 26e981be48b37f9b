import type { Frame } from '../../../reference/ports/camera.js'
import type { Decoder } from '../../../reference/ports/decoder.js'

/** Every so many pixels are looked at: a symbol that can be read covers far more. */
const STEP = 5
/** A small code far away is a small part of the frame: the frame is judged in tiles of about so many pixels a side. */
const TILE = 80

/** Grey levels between the 5th and the 95th percentile, 0…255, in the part of a frame where they are farthest apart. */
export function contrastOf({ width, height, grey }: Frame): number {
  const columns = Math.max(1, Math.round(width / TILE))
  const rows = Math.max(1, Math.round(height / TILE))
  const histograms = Array.from({ length: columns * rows }, () => new Uint32Array(256))
  const counts = new Uint32Array(histograms.length)
  for (let y = 0; y < height; y += STEP) {
    const row = Math.floor((y * rows) / height) * columns
    for (let x = 0; x < width; x += STEP) {
      const tile = row + Math.floor((x * columns) / width)
      const histogram = histograms[tile] as Uint32Array
      const level = grey[y * width + x] ?? 0
      histogram[level] = (histogram[level] ?? 0) + 1
      counts[tile] = (counts[tile] ?? 0) + 1
    }
  }
  return Math.max(...histograms.map((histogram, tile) => spreadOf(histogram, counts[tile] ?? 0)))
}

function spreadOf(histogram: Uint32Array, looked: number): number {
  const percentile = (share: number) => {
    let below = 0
    return histogram.findIndex((count) => (below += count) >= share * looked)
  }
  return percentile(0.95) - percentile(0.05)
}

/**
 * A lit code before the camera spreads its part of a frame by 200 levels; a covered lens shows about 21, a fogged one
 * 34, and in neither can any decoder read.
 */
const LEAST_CONTRAST = 40

/** Spares a decoder the frames in which there is nothing to read: a camera looks at an empty bay most of its life. */
export function skipFlatFrames(decoder: Decoder): Decoder {
  return {
    decode: async (frame) => (contrastOf(frame) < LEAST_CONTRAST ? [] : decoder.decode(frame)),
    close: () => decoder.close(),
  }
}
