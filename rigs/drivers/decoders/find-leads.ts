import type { Box } from '../../../reference/scanner/decode-place.js'
import { BLOCK, clustersOf, type Block, type Blocks } from './blocks.js'

/** Gradients of a block with modules of some thirty levels of contrast; a sensor's noise makes a tenth of it. */
const LEAST_STRENGTH = 600
/** Where more of the gradients agree there are bars, or the edge of something. */
const MOST_COHERENCE = 0.65
/** A line of text is longer, compared with its height. */
const MOST_ASPECT = 3
const FEWEST_BLOCKS = 4
/** Of leads in one frame: each costs a reading. */
const MOST_LEADS = 4

/**
 * Where a frame has something of the size and texture of a matrix code, most promising first; pixels of the frame, without
 * a quiet zone.
 */
export function findLeads({ blocks, step }: Blocks): Box[] {
  const textured = blocks.filter(
    ({ strength, coherence }) => strength >= LEAST_STRENGTH && coherence < MOST_COHERENCE,
  )
  return clustersOf(textured)
    .filter(({ length }) => length >= FEWEST_BLOCKS)
    .flatMap((cluster) => {
      const box = boxAround(cluster, step)
      const [width, height] = [box.right - box.left, box.bottom - box.top]
      const side = BLOCK * step
      const isSquarish = Math.max(width, height) <= MOST_ASPECT * Math.min(width, height)
      return isSquarish && Math.min(width, height) >= 2 * side ? box : []
    })
    .slice(0, MOST_LEADS)
}

function boxAround(cluster: readonly Block[], step: number): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0]
  for (const { column, row } of cluster) {
    left = Math.min(left, column)
    top = Math.min(top, row)
    right = Math.max(right, column + 1)
    bottom = Math.max(bottom, row + 1)
  }
  const toFrame = (blocks: number) => (blocks * BLOCK + 1) * step
  return { left: toFrame(left), top: toFrame(top), right: toFrame(right), bottom: toFrame(bottom) }
}
