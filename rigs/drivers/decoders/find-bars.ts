import type { Pixels } from './worker-protocol.js'

/** Where bars seem to be in a frame, pixels. */
export interface BarRegion {
  readonly x: number
  readonly y: number
  /** The direction across the bars, radians: in which a scan line has to run. */
  readonly angle: number
  /** Half of the region's extent across the bars, and along them. */
  readonly halfAcross: number
  readonly halfAlong: number
}

/** Pixels of the looked-at picture's longer side: orientation needs no detail. */
const LOOK_PIXELS = 360
const BLOCK = 8
/** Two bins a degree and a half would be finer than the blocks' own spread. */
const BINS = 60
/** How much of a block's gradient must point one way: text and QR codes stay below, bars above. */
const COHERENCE = 0.45
const TOLERANCE_RADIANS = 0.24

interface Block {
  readonly column: number
  readonly row: number
  readonly angle: number
  readonly energy: number
}

/** The mean of `step` × `step` pixels, so that noise and fine bars do not drown the direction. */
function shrink({ width, height, grey }: Pixels, step: number): Pixels {
  if (step === 1) return { width, height, grey }
  const w = Math.floor(width / step)
  const h = Math.floor(height / step)
  const small = new Uint8Array(w * h)
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let sum = 0
      for (let j = 0; j < step; j++) {
        const at = (y * step + j) * width + x * step
        for (let i = 0; i < step; i++) sum += grey[at + i] ?? 0
      }
      small[y * w + x] = sum / (step * step)
    }
  }
  return { width: w, height: h, grey: small }
}

/** Blocks whose gradients agree on a direction (structure tensor), strongest contrast first in weight. */
function orientedBlocks({ width, height, grey }: Pixels): Block[] {
  const blocks: Block[] = []
  for (let row = 0; (row + 1) * BLOCK < height - 1; row++) {
    for (let column = 0; (column + 1) * BLOCK < width - 1; column++) {
      let [xx, yy, xy] = [0, 0, 0]
      for (let y = row * BLOCK + 1; y <= (row + 1) * BLOCK; y++) {
        for (let x = column * BLOCK + 1; x <= (column + 1) * BLOCK; x++) {
          const at = y * width + x
          // Sobel: smooth across the direction that is differentiated, or noise turns every angle.
          const a = grey[at - width - 1] ?? 0
          const c = grey[at - width + 1] ?? 0
          const g = grey[at + width - 1] ?? 0
          const i = grey[at + width + 1] ?? 0
          const gx = c - a + 2 * ((grey[at + 1] ?? 0) - (grey[at - 1] ?? 0)) + i - g
          const gy = g - a + 2 * ((grey[at + width] ?? 0) - (grey[at - width] ?? 0)) + i - c
          xx += gx * gx
          yy += gy * gy
          xy += gx * gy
        }
      }
      const energy = xx + yy
      const coherent = Math.hypot(xx - yy, 2 * xy)
      if (energy < 1 || coherent / energy < COHERENCE) continue
      blocks.push({ column, row, angle: Math.atan2(2 * xy, xx - yy) / 2, energy: Math.sqrt(coherent) })
    }
  }
  return blocks
}

const turnBetween = (a: number, b: number) => {
  const turn = Math.abs(a - b) % Math.PI
  return Math.min(turn, Math.PI - turn)
}

/** The largest set of blocks that touch each other; one block in between may be missing. */
function largestCluster(blocks: readonly Block[]): readonly Block[] {
  const at = new Map(blocks.map((block) => [block.row * 4_096 + block.column, block]))
  let largest: Block[] = []
  for (const start of blocks) {
    const key = start.row * 4_096 + start.column
    if (!at.delete(key)) continue
    const cluster = [start]
    for (let i = 0; i < cluster.length; i++) {
      const { row, column } = cluster[i] as Block
      for (let y = row - 2; y <= row + 2; y++) {
        for (let x = column - 2; x <= column + 2; x++) {
          const near = at.get(y * 4_096 + x)
          if (near && at.delete(y * 4_096 + x)) cluster.push(near)
        }
      }
    }
    if (cluster.length > largest.length) largest = cluster
  }
  return largest
}

/**
 * The places in a frame where many edges run side by side the same way, most promising first: a barcode, at whatever
 * angle, or at times a railing.
 * @param most how many directions to follow up
 */
export function findBars(frame: Pixels, most = 2): BarRegion[] {
  const step = Math.max(1, Math.round(Math.max(frame.width, frame.height) / LOOK_PIXELS))
  let blocks = orientedBlocks(shrink(frame, step))
  const regions: BarRegion[] = []
  while (regions.length < most && blocks.length > 0) {
    const bins = new Float64Array(BINS)
    const binOf = (angle: number) => Math.floor((((angle / Math.PI) % 1) + 1) * BINS) % BINS
    for (const { angle, energy } of blocks) bins[binOf(angle)] = (bins[binOf(angle)] ?? 0) + energy
    const smooth = (i: number) =>
      (bins[(i + BINS - 1) % BINS] ?? 0) + (bins[i] ?? 0) + (bins[(i + 1) % BINS] ?? 0)
    let peak = 0
    for (let i = 1; i < BINS; i++) if (smooth(i) > smooth(peak)) peak = i
    const angle = ((peak + 0.5) / BINS) * Math.PI
    const isAlike = (block: Block) => turnBetween(block.angle, angle) < TOLERANCE_RADIANS
    const cluster = largestCluster(blocks.filter(isAlike))
    if (cluster.length >= 6) regions.push(regionOf(cluster, angle, step))
    blocks = blocks.filter((block) => !isAlike(block))
  }
  return regions
}

function regionOf(cluster: readonly Block[], around: number, step: number): BarRegion {
  // The mean direction, doubled because a bar has no head.
  let [cos2, sin2] = [0, 0]
  for (const { angle, energy } of cluster) {
    cos2 += energy * Math.cos(2 * (angle - around))
    sin2 += energy * Math.sin(2 * (angle - around))
  }
  const angle = around + Math.atan2(sin2, cos2) / 2
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const across: number[] = []
  const along: number[] = []
  for (const { column, row } of cluster) {
    const x = (column + 0.5) * BLOCK + 1
    const y = (row + 0.5) * BLOCK + 1
    across.push(x * cos + y * sin)
    along.push(y * cos - x * sin)
  }
  // Without the outermost blocks along the bars: their ends are where a crack or a finger is.
  const span = (values: number[], cut: number) => {
    const sorted = values.sort((a, b) => a - b)
    const low = sorted[Math.floor(cut * (sorted.length - 1))] ?? 0
    const high = sorted[Math.ceil((1 - cut) * (sorted.length - 1))] ?? 0
    return { middle: (low + high) / 2, half: (high - low) / 2 + BLOCK / 2 }
  }
  const u = span(across, 0)
  const v = span(along, 0.02)
  return {
    x: (u.middle * cos - v.middle * sin) * step,
    y: (u.middle * sin + v.middle * cos) * step,
    angle,
    halfAcross: u.half * step,
    halfAlong: v.half * step,
  }
}
