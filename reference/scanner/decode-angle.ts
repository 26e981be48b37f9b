import type { Decode } from '../ports/decoder.js'

/**
 * How a code is turned in the frame, clockwise, degrees, −180 < angle ≤ 180: the direction from its first corner to its
 * second; undefined where the decoder does not know the corners.
 */
export function decodeAngle({ corners }: Decode): number | undefined {
  const [from, to] = corners
  if (!from || !to || (from.x === to.x && from.y === to.y)) return undefined
  return (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI
}
