import type { Box } from '../../../reference/scanner/decode-place.js'
import type { Pixels } from './worker-protocol.js'

export interface Cut extends Pixels {
  /** Where a point of the cut lies in the picture that it was cut from. */
  readonly toFrame: (point: { readonly x: number; readonly y: number }) => { x: number; y: number }
}

/** The part of a picture within a box and so many pixels of room around it, as far as there are any. */
export function cutOut({ width, height, grey }: Pixels, box: Box, room: number): Cut {
  const left = Math.max(0, Math.floor(box.left - room))
  const top = Math.max(0, Math.floor(box.top - room))
  const right = Math.min(width, Math.ceil(box.right + room))
  const bottom = Math.min(height, Math.ceil(box.bottom + room))
  const [w, h] = [Math.max(0, right - left), Math.max(0, bottom - top)]
  const part = new Uint8Array(w * h)
  for (let y = 0; y < h; y++) {
    const from = (top + y) * width + left
    part.set(grey.subarray(from, from + w), y * w)
  }
  return { width: w, height: h, grey: part, toFrame: ({ x, y }) => ({ x: x + left, y: y + top }) }
}
