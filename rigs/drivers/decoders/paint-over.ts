import type { Decode } from '../../../reference/ports/decoder.js'
import type { Pixels } from './worker-protocol.js'

/** So much beyond the corners, share of the distance to the middle: corners are known to half a module or so. */
const BEYOND = 0.08
/** A barcode's corners are those of the lines that were read; the bars are at least so high, share of their length. */
const BAR_HEIGHT = 0.3

/** The picture with the codes painted over, so that what else is in view can be found; the corners stay as they were. */
export function paintOver(pixels: Pixels, decodes: readonly Decode[]): Pixels {
  const grey = pixels.grey.slice()
  for (const decode of decodes) {
    const corners = spread(decode)
    if (corners.length >= 3) fill({ ...pixels, grey }, corners)
  }
  return { ...pixels, grey }
}

interface Point {
  readonly x: number
  readonly y: number
}

function spread({ corners, symbology }: Decode): Point[] {
  const middle = {
    x: corners.reduce((sum, { x }) => sum + x, 0) / corners.length,
    y: corners.reduce((sum, { y }) => sum + y, 0) / corners.length,
  }
  const wider = corners.map(({ x, y }) => ({
    x: x + BEYOND * (x - middle.x),
    y: y + BEYOND * (y - middle.y),
  }))
  const [a, b, c, d] = wider
  if (symbology === 'qr' || !a || !b || !c || !d) return wider
  const length = Math.hypot(b.x - a.x, b.y - a.y)
  const height = Math.hypot(d.x - a.x, d.y - a.y)
  const more = Math.max(0, BAR_HEIGHT * length - height) / 2 / (length || 1)
  // Across the reading direction, which need not be where the lines' own corners point.
  const [x, y] = [-(b.y - a.y) * more, (b.x - a.x) * more]
  return [
    { x: a.x - x, y: a.y - y },
    { x: b.x - x, y: b.y - y },
    { x: c.x + x, y: c.y + y },
    { x: d.x + x, y: d.y + y },
  ]
}

/** A convex polygon, in the mean of the levels at its corners. */
function fill({ width, height, grey }: Pixels, corners: readonly Point[]): void {
  const within = (value: number, end: number) => Math.max(0, Math.min(end - 1, Math.round(value)))
  const level =
    corners.reduce((sum, { x, y }) => sum + (grey[within(y, height) * width + within(x, width)] ?? 0), 0) /
    corners.length
  const top = within(Math.min(...corners.map(({ y }) => y)), height)
  const bottom = within(Math.max(...corners.map(({ y }) => y)), height)
  for (let row = top; row <= bottom; row++) {
    let [left, right] = [Infinity, -Infinity]
    for (const [i, from] of corners.entries()) {
      const to = corners[(i + 1) % corners.length] as Point
      if (from.y > row === to.y > row) continue
      const x = from.x + ((row - from.y) / (to.y - from.y)) * (to.x - from.x)
      left = Math.min(left, x)
      right = Math.max(right, x)
    }
    if (left <= right)
      grey.fill(level, row * width + within(left, width), row * width + within(right, width) + 1)
  }
}
