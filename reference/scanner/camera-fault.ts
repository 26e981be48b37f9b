import type { CameraFault } from '../domain/camera-fault.js'
import type { FrameMetrics } from './frame-metrics.js'

/** Where a frame begins to be a fault; a rig's own are calibrated (see calibrate.ts). Levels are 0…255. */
export interface HealthThresholds {
  /** `black`: the mean is below this, and nothing stands out. */
  readonly blackMean: number
  /** `covered` and `low-light`: the mean is below this. */
  readonly darkMean: number
  /** `over-exposed`: so large a share is saturated. */
  readonly saturatedShare: number
  /** `fogged`: the 5th percentile is above this ... */
  readonly veilLevel: number
  /** ... and the levels are spread by less than this. */
  readonly veilSpread: number
  /** `defocused`: the sharpness is below this ... */
  readonly sharpness: number
  /** ... where the levels are spread by at least this: in front of an even wall focus cannot be judged. */
  readonly judgedSpread: number
}

export const DEFAULT_HEALTH_THRESHOLDS: HealthThresholds = {
  blackMean: 8,
  darkMean: 30,
  saturatedShare: 0.6,
  veilLevel: 70,
  veilSpread: 60,
  sharpness: 0.22,
  judgedSpread: 60,
}

/** An edge stands out when it is this many deviations of the noise, and this many levels, high. */
const EDGE_DEVIATIONS = 5
const EDGE_LEVELS = 5

/** What a single frame shows to be wrong, by its metrics alone. */
export function faultOfFrame(metrics: FrameMetrics, thresholds: HealthThresholds): CameraFault | undefined {
  const { mean, dark, light, saturated, steepest, noise, sharpness } = metrics
  const spread = light - dark
  if (mean < thresholds.darkMean) {
    if (steepest > EDGE_LEVELS && steepest > EDGE_DEVIATIONS * noise) return 'low-light'
    return mean < thresholds.blackMean ? 'black' : 'covered'
  }
  if (saturated >= thresholds.saturatedShare) return 'over-exposed'
  if (dark >= thresholds.veilLevel && spread < thresholds.veilSpread) return 'fogged'
  if (spread >= thresholds.judgedSpread && sharpness < thresholds.sharpness) return 'defocused'
  return undefined
}
