import { BLOCK, blocksOf, clustersOf, type Block, type Blocks } from './blocks.js'
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

/** Two bins a degree and a half would be finer than the blocks' own spread. */
const BINS = 60
/** How much of a block's gradient must point one way: text and QR codes stay below, bars above. */
const COHERENCE = 0.45
const TOLERANCE_RADIANS = 0.24

const turnBetween = (a: number, b: number) => {
  const turn = Math.abs(a - b) % Math.PI
  return Math.min(turn, Math.PI - turn)
}

/**
 * The places in a frame where many edges run side by side the same way, most promising first: a barcode, at whatever
 * angle, or at times a railing.
 * @param most how many directions to follow up
 */
export function findBars(
  frame: Pixels,
  most = 2,
  { blocks: all, step }: Blocks = blocksOf(frame),
): BarRegion[] {
  let blocks = all.filter(({ coherence }) => coherence >= COHERENCE)
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
    const [cluster] = clustersOf(blocks.filter(isAlike))
    if (cluster && cluster.length >= 6) regions.push(regionOf(cluster, angle, step))
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
