import { DEFAULT_FIX_THRESHOLDS } from './lock-thresholds.js'
import { distanceMetres, type Wgs84Point } from './coordinates.js'

/**
 * Which coordinates the comparator holds the reserved ones against; the patent has both (REQ-12):
 * - `preset`: those in the lock's own storage (claim 1, ¶9);
 * - `reported`: those that the platform received from the lock's GPS unit (¶22, ¶26).
 */
export type ComparatorReading = 'preset' | 'reported'

export interface ComparatorSettings {
  readonly reading: ComparatorReading
  /** Largest distance that still counts as the same space, metres. */
  readonly toleranceMetres: number
  /** A reported fix older than this is no ground to compare on, seconds. */
  readonly maxFixAgeSeconds: number
  /** A reported fix with a greater horizontal dilution is no ground to compare on either. */
  readonly maxHdop: number
}

/**
 * 15 m: three times what a GPS fix is off at 95 % (4.9 m). The gate is for plausibility only: identity is the
 * authenticated lock id, since no tolerance both accepts honest fixes and refuses the neighbouring 2.5 m bay.
 */
export const DEFAULT_COMPARATOR: ComparatorSettings = {
  reading: 'preset',
  toleranceMetres: 15,
  maxFixAgeSeconds: 600,
  maxHdop: DEFAULT_FIX_THRESHOLDS.maxHdop,
}

/** The fix that the platform holds of this lock, with its age when the reservation was sent. */
export interface ReportedFix {
  readonly point: Wgs84Point
  readonly ageSeconds: number
  /** Horizontal dilution of precision, where the platform knows it. */
  readonly hdop?: number | undefined
}

export type Comparison =
  | { readonly same: true; readonly distanceMetres: number }
  | { readonly same: false; readonly refused: 'coordinates-differ'; readonly distanceMetres: number }
  | { readonly same: false; readonly refused: 'no-preset' | 'no-fix' | 'fix-stale' | 'fix-poor' }

/** The comparator of REQ-12: are the reserved coordinates this lock's own? */
export function compareCoordinates(
  reserved: Wgs84Point,
  known: { readonly preset?: Wgs84Point | undefined; readonly reported?: ReportedFix | undefined },
  settings: ComparatorSettings,
): Comparison {
  let own: Wgs84Point | undefined
  if (settings.reading === 'preset') {
    own = known.preset
    if (!own) return { same: false, refused: 'no-preset' }
  } else {
    if (!known.reported) return { same: false, refused: 'no-fix' }
    if (known.reported.ageSeconds > settings.maxFixAgeSeconds) return { same: false, refused: 'fix-stale' }
    if (!((known.reported.hdop ?? 0) <= settings.maxHdop)) return { same: false, refused: 'fix-poor' }
    own = known.reported.point
  }
  const distance = distanceMetres(reserved, own)
  return distance <= settings.toleranceMetres
    ? { same: true, distanceMetres: distance }
    : { same: false, refused: 'coordinates-differ', distanceMetres: distance }
}
