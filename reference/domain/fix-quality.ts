/** Which of a receiver's fixes are worth telling. A lock is bolted down, so its place is the best check of a fix. */
import { distanceMetres, type Wgs84Point } from './coordinates.js'
import { DEFAULT_FIX_THRESHOLDS, type FixThresholds } from './lock-thresholds.js'

export interface FixToJudge {
  readonly point: Wgs84Point
  /** Horizontal dilution of precision. */
  readonly hdop: number
}

/** What has been made of the fixes so far. */
export interface FixTrack {
  /** The last good fix, and when it came, hardware ms. */
  readonly good: { readonly point: Wgs84Point; readonly hdop: number; readonly atMs: number } | undefined
  /** Another place, and how many fixes in a row have agreed on it. */
  readonly elsewhere: { readonly point: Wgs84Point; readonly fixes: number } | undefined
}

export const NO_FIXES: FixTrack = { good: undefined, elsewhere: undefined }

/**
 * - `poor`: its dilution is too great
 * - `jump`: it is far from the last good one, and not enough others have said the same
 */
export type FixVerdict = 'good' | 'poor' | 'jump'

/** Judges a fix that the receiver calls valid. @param nowMs hardware ms */
export function judgeFix(
  track: FixTrack,
  { point, hdop }: FixToJudge,
  nowMs: number,
  thresholds: FixThresholds = DEFAULT_FIX_THRESHOLDS,
): { readonly track: FixTrack; readonly verdict: FixVerdict } {
  const { maxHdop, jumpMetres, jumpFixes } = thresholds
  if (!(hdop <= maxHdop)) return { track, verdict: 'poor' }
  const good: FixTrack = { good: { point, hdop, atMs: nowMs }, elsewhere: undefined }
  if (!track.good || distanceMetres(track.good.point, point) < jumpMetres) {
    return { track: good, verdict: 'good' }
  }
  const agrees = track.elsewhere && distanceMetres(track.elsewhere.point, point) < jumpMetres
  const fixes = agrees && track.elsewhere ? track.elsewhere.fixes + 1 : 1
  if (fixes >= jumpFixes) return { track: good, verdict: 'good' }
  return { track: { ...track, elsewhere: { point, fixes } }, verdict: 'jump' }
}

/** The last good fix, unless it is too old to go by. @param nowMs hardware ms */
export function freshFix(
  { good }: FixTrack,
  nowMs: number,
  { lostHardwareMs }: FixThresholds = DEFAULT_FIX_THRESHOLDS,
): FixToJudge | undefined {
  return good && nowMs - good.atMs < lostHardwareMs ? good : undefined
}
