import type { Frame } from '../ports/camera.js'
import { DEFAULT_HEALTH_THRESHOLDS, faultOfFrame, type HealthThresholds } from './camera-fault.js'
import { frameMetrics, type FrameMetrics } from './frame-metrics.js'

/** A rig's camera as it was while it saw the target card: what later frames are held against. */
export interface CameraCalibration {
  readonly version: 1
  readonly size: { readonly width: number; readonly height: number }
  /** The mean of the frames that were looked at. */
  readonly metrics: FrameMetrics
  readonly thresholds: HealthThresholds
}

/** Why a camera cannot be calibrated now, and what to do. */
export class CalibrationRefused extends Error {
  override readonly name = 'CalibrationRefused'
  constructor(why: string, mend: string) {
    super(`the camera cannot be calibrated: ${why}\n  To mend it: ${mend}`)
  }
}

export const CALIBRATION_FRAMES = 12

const CARD =
  'hold the target card (lockstep scan --target-card card.svg) before the camera, flat, so that it fills the frame'

/**
 * The thresholds of a rig, from frames that show the target card in the light that the rig has. Half of the card's
 * sharpness is out of focus, a quarter of its brightness is too dark.
 * @param textSeen what the scanner reads in these frames
 * @throws CalibrationRefused
 */
export function calibrate(
  frames: readonly Frame[],
  textSeen: string | undefined,
  cardText: string,
): CameraCalibration {
  const [first] = frames
  if (!first || frames.length < CALIBRATION_FRAMES) {
    throw new CalibrationRefused(
      `${frames.length} frames came, ${CALIBRATION_FRAMES} are needed`,
      'look at the camera’s health first',
    )
  }
  if (frames.some(({ width, height }) => width !== first.width || height !== first.height)) {
    throw new CalibrationRefused('the frames have different sizes', 'ask for one size in the camera’s URL')
  }
  if (textSeen !== cardText) {
    throw new CalibrationRefused(
      textSeen === undefined ? 'no target card is read' : 'another code than the target card’s is read',
      CARD,
    )
  }
  const metrics = meanOf(frames.map(frameMetrics))
  const fault = faultOfFrame(metrics, DEFAULT_HEALTH_THRESHOLDS)
  if (fault)
    throw new CalibrationRefused(
      `the frames are ${fault}`,
      'mend that first: light, lens, focus, or the camera’s settings',
    )
  const spread = metrics.light - metrics.dark
  const between = (least: number, value: number, most: number) => Math.max(least, Math.min(most, value))
  return {
    version: 1,
    size: { width: first.width, height: first.height },
    metrics,
    thresholds: {
      ...DEFAULT_HEALTH_THRESHOLDS,
      darkMean: between(12, metrics.mean / 4, 60),
      saturatedShare: between(0.5, metrics.saturated + 0.4, 0.9),
      veilLevel: between(50, metrics.dark + 40, 160),
      veilSpread: between(30, spread * 0.4, 90),
      sharpness: between(0.1, metrics.sharpness / 2, 0.4),
    },
  }
}

function meanOf(all: readonly FrameMetrics[]): FrameMetrics {
  const mean = (of: (metrics: FrameMetrics) => number) =>
    all.reduce((sum, one) => sum + of(one), 0) / all.length
  return {
    mean: mean((one) => one.mean),
    dark: mean((one) => one.dark),
    light: mean((one) => one.light),
    saturated: mean((one) => one.saturated),
    steepest: mean((one) => one.steepest),
    noise: mean((one) => one.noise),
    sharpness: mean((one) => one.sharpness),
  }
}

/** A calibration as it was written down. @throws CalibrationRefused for anything else */
export function parseCalibration(text: string): CameraCalibration {
  let read: Partial<CameraCalibration> | null
  try {
    read = JSON.parse(text) as Partial<CameraCalibration> | null
  } catch (cause) {
    read = null
    void cause
  }
  const names = Object.keys(DEFAULT_HEALTH_THRESHOLDS) as (keyof HealthThresholds)[]
  const isWhole =
    read?.version === 1 &&
    Number.isInteger(read.size?.width) &&
    Number.isInteger(read.size?.height) &&
    names.every((name) => Number.isFinite(read?.thresholds?.[name]))
  if (!isWhole)
    throw new CalibrationRefused(
      'the file holds no calibration of this version',
      'calibrate anew: lockstep scan --camera URL --calibrate FILE',
    )
  return read as CameraCalibration
}
