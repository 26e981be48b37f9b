import type { BarRegion } from './find-bars.js'
import type { Pixels } from './worker-protocol.js'

export interface Straightened extends Pixels {
  /** Where a point of the straightened picture lies in the frame. */
  readonly toFrame: (point: { readonly x: number; readonly y: number }) => { x: number; y: number }
}

/** Pixels of the result for each of the frame, so that no edge is lost. */
const FINER = 3
/** Share of the region's extent along the bars that a row is the mean of: more of it, and bars that fan out blur. */
const ROW_SHARE = 0.04
/** The region is widened by so much for the quiet zones, and because blur hides the outer bars. */
const QUIET = 1.22
const ROWS = 16
const LARGEST_WIDTH = 2_000

/**
 * The bars of a region, turned upright: rows run across the bars, and each row is the mean of a stretch along them,
 * which takes noise, cracks and moiré away and leaves the edges.
 */
export function straightenBars(frame: Pixels, region: BarRegion): Straightened {
  const halfAcross = region.halfAcross * QUIET + 6
  const zoom = Math.min(FINER, LARGEST_WIDTH / (2 * halfAcross))
  const width = Math.max(1, Math.round(2 * halfAcross * zoom))
  const [cos, sin] = [Math.cos(region.angle), Math.sin(region.angle)]
  const { width: w, height: h, grey } = frame
  const row = Math.max(0.5, (2 * region.halfAlong) / ROWS)
  const samples = Math.max(1, Math.min(12, Math.round(2 * region.halfAlong * ROW_SHARE)))
  const spread = region.halfAlong * 2 * ROW_SHARE
  const mean = new Uint8Array(width * ROWS)
  for (let y = 0; y < ROWS; y++) {
    const v0 = (y + 0.5 - ROWS / 2) * row
    for (let x = 0; x < width; x++) {
      const u = (x + 0.5) / zoom - halfAcross
      let sum = 0
      let counted = 0
      for (let s = 0; s < samples; s++) {
        const v = v0 + ((s + 0.5) / samples - 0.5) * spread
        const fx = region.x + u * cos - v * sin - 0.5
        const fy = region.y + u * sin + v * cos - 0.5
        const left = Math.floor(fx)
        const top = Math.floor(fy)
        if (left < 0 || top < 0 || left >= w - 1 || top >= h - 1) continue
        const at = top * w + left
        const [a, b] = [fx - left, fy - top]
        const upper = (grey[at] ?? 0) * (1 - a) + (grey[at + 1] ?? 0) * a
        const lower = (grey[at + w] ?? 0) * (1 - a) + (grey[at + w + 1] ?? 0) * a
        sum += upper * (1 - b) + lower * b
        counted++
      }
      mean[y * width + x] = counted > 0 ? sum / counted : 128
    }
  }
  return {
    width,
    height: ROWS,
    grey: mean,
    toFrame: ({ x, y }) => {
      const u = x / zoom - halfAcross
      const v = (y - ROWS / 2) * row
      return { x: region.x + u * cos - v * sin, y: region.y + u * sin + v * cos }
    },
  }
}
