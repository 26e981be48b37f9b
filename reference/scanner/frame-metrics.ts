import type { Frame } from '../ports/camera.js'

/** What can be said of a frame without reading anything in it; levels are 0…255. */
export interface FrameMetrics {
  readonly mean: number
  /** The 5th and the 95th percentile of the levels. */
  readonly dark: number
  readonly light: number
  /** Share of the pixels at 250 or above, 0…1. */
  readonly saturated: number
  /** The steepest edges: levels between neighbours on the frame binned 4 × 4, where noise no longer counts. */
  readonly steepest: number
  /** What noise alone makes of two such neighbours (standard deviation), levels. */
  readonly noise: number
  /** The steepest edges against the whole range of levels, 0…1: near 1 in focus, below 0.2 out of it. */
  readonly sharpness: number
}

const BIN = 4

/** The level that so large a share of the counted does not exceed. */
function levelAt(histogram: Uint32Array, total: number, share: number): number {
  let below = 0
  for (let level = 0; level < histogram.length; level++) {
    below += histogram[level] ?? 0
    if (below >= share * total) return level
  }
  return histogram.length - 1
}

/** One to three milliseconds for a frame of 1280 × 720. */
export function frameMetrics({ width, height, grey }: Frame): FrameMetrics {
  const histogram = new Uint32Array(256)
  let sum = 0
  for (let i = 0; i < grey.length; i++) {
    const level = grey[i] ?? 0
    histogram[level] = (histogram[level] ?? 0) + 1
    sum += level
  }
  const percentile = (share: number) => levelAt(histogram, grey.length, share)
  let saturated = 0
  for (let level = 250; level < 256; level++) saturated += histogram[level] ?? 0

  const steps = stepHistogram({ width, height, grey })
  let counted = 0
  for (const count of steps) counted += count
  // In sixteenths of a level; the median of a Gaussian's absolute value is 0.6745 of its deviation.
  const steepest = counted > 0 ? levelAt(steps, counted, 0.999) / BIN ** 2 : 0
  const noise = counted > 0 ? levelAt(steps, counted, 0.5) / BIN ** 2 / 0.6745 : 0
  const range = percentile(0.995) - percentile(0.005)
  return {
    mean: sum / grey.length,
    dark: percentile(0.05),
    light: percentile(0.95),
    saturated: saturated / grey.length,
    steepest,
    noise,
    sharpness: range > 0 ? Math.min(1, steepest / range) : 0,
  }
}

/** How often which step between neighbours of the binned frame occurs, in sixteenths of a level. */
function stepHistogram({ width, height, grey }: Omit<Frame, 'capturedAt'>): Uint32Array {
  const columns = Math.floor(width / BIN)
  const rows = Math.floor(height / BIN)
  const steps = new Uint32Array(256 * BIN * BIN)
  let above = new Int32Array(columns)
  let row = new Int32Array(columns)
  for (let y = 0; y < rows; y++) {
    row.fill(0)
    for (let j = 0; j < BIN; j++) {
      const at = (y * BIN + j) * width
      for (let x = 0; x < columns; x++) {
        const pixel = at + x * BIN
        row[x] =
          (row[x] ?? 0) +
          (grey[pixel] ?? 0) +
          (grey[pixel + 1] ?? 0) +
          (grey[pixel + 2] ?? 0) +
          (grey[pixel + 3] ?? 0)
      }
    }
    for (let x = 0; x < columns; x++) {
      const here = row[x] ?? 0
      if (x > 0) count(steps, here - (row[x - 1] ?? 0))
      if (y > 0) count(steps, here - (above[x] ?? 0))
    }
    ;[above, row] = [row, above]
  }
  return steps
}

function count(steps: Uint32Array, step: number): void {
  const size = Math.min(steps.length - 1, Math.abs(step))
  steps[size] = (steps[size] ?? 0) + 1
}
