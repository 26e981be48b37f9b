import type { Decode } from '../ports/decoder.js'

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The upright rectangle around a symbol, pixels of the frame; undefined where the decoder does not know its corners. */
export function boxOf({ corners }: Pick<Decode, 'corners'>): Box | undefined {
  if (corners.length < 3) return undefined
  const xs = corners.map(({ x }) => x)
  const ys = corners.map(({ y }) => y)
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) }
}

/** Whether two readings may be of one symbol; those without a place may always be. */
export function isSamePlace(a: Pick<Decode, 'corners'>, b: Pick<Decode, 'corners'>): boolean {
  const [one, other] = [boxOf(a), boxOf(b)]
  if (!one || !other) return true
  return (
    one.left <= other.right && other.left <= one.right && one.top <= other.bottom && other.top <= one.bottom
  )
}
