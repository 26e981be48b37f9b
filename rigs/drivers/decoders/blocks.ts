import type { Pixels } from './worker-protocol.js'

/** Pixels of the looked-at picture's longer side: orientation needs no detail. */
const LOOK_PIXELS = 360
/** Side of a block, pixels of the looked-at picture. */
export const BLOCK = 8

/** What the gradients of a square of the picture say together (structure tensor). */
export interface Block {
  readonly column: number
  readonly row: number
  /** The direction of most of them, radians. */
  readonly angle: number
  /** Levels, of all of them ... */
  readonly strength: number
  /** ... and of those that agree on the direction. */
  readonly energy: number
  /** Share of them that agrees, 0…1: bars near 1, modules and text below a half. */
  readonly coherence: number
}

export interface Blocks {
  readonly blocks: readonly Block[]
  /** Pixels of the frame to one of the looked-at picture. */
  readonly step: number
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

/** The blocks of a frame, row by row; one to two milliseconds. */
export function blocksOf(frame: Pixels): Blocks {
  const step = Math.max(1, Math.round(Math.max(frame.width, frame.height) / LOOK_PIXELS))
  const { width, height, grey } = shrink(frame, step)
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
      const total = xx + yy
      const coherent = Math.hypot(xx - yy, 2 * xy)
      if (total < 1) continue
      blocks.push({
        column,
        row,
        angle: Math.atan2(2 * xy, xx - yy) / 2,
        strength: Math.sqrt(total),
        energy: Math.sqrt(coherent),
        coherence: coherent / total,
      })
    }
  }
  return { blocks, step }
}

/** The sets of blocks that touch each other, one block in between may be missing; the largest first. */
export function clustersOf(blocks: readonly Block[]): (readonly Block[])[] {
  const at = new Map(blocks.map((block) => [block.row * 4_096 + block.column, block]))
  const clusters: Block[][] = []
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
    clusters.push(cluster)
  }
  return clusters.sort((a, b) => b.length - a.length)
}
