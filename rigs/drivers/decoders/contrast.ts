import type { Frame } from '../../../reference/ports/camera.js'
import type { Decoder } from '../../../reference/ports/decoder.js'

/** Every so many pixels are looked at: a symbol that can be read covers far more. */
const STEP = 7

/** Grey levels between the 5th and the 95th percentile of a frame, 0…255. */
export function contrastOf({ grey }: Frame): number {
  const histogram = new Uint32Array(256)
  let looked = 0
  for (let i = 0; i < grey.length; i += STEP) {
    const level = grey[i] ?? 0
    histogram[level] = (histogram[level] ?? 0) + 1
    looked++
  }
  const percentile = (share: number) => {
    let below = 0
    return histogram.findIndex((count) => (below += count) >= share * looked)
  }
  return percentile(0.95) - percentile(0.05)
}

/**
 * A lit code before the camera spreads a frame's levels by 200; a covered lens shows about 21, a fogged one 34, and
 * in neither can any decoder read.
 */
const LEAST_CONTRAST = 40

/** Spares a decoder the frames in which there is nothing to read: a camera looks at an empty bay most of its life. */
export function skipFlatFrames(decoder: Decoder): Decoder {
  return {
    decode: async (frame) => (contrastOf(frame) < LEAST_CONTRAST ? undefined : decoder.decode(frame)),
    close: () => decoder.close(),
  }
}
