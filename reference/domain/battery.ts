/**
 * The judge of the battery, a region of its own beside the bolt's. A voltage at rest says little: a worn or cold battery
 * holds it until a motor draws on it. So two verdicts are kept, one at rest and one under load, and the worse counts.
 */
import { DEFAULT_BATTERY_THRESHOLDS, type BatteryThresholds } from './lock-thresholds.js'

/**
 * - `unjudged`: too little seen since the start
 * - `low`: it works, and wants charging
 * - `critical`: it may fail in the next travel
 * - `unreadable`: its voltage cannot be true
 */
export type BatteryState = 'unjudged' | 'charged' | 'low' | 'critical' | 'unreadable'

type Verdict = 'unjudged' | 'charged' | 'low' | 'critical'

export interface BatterySample {
  readonly hardwareMs: number
  readonly batteryVolts: number
  readonly motorCurrentAmps: number
  readonly actuatorSupplied: boolean
}

/** The load that is being looked at. */
interface Load {
  readonly voltMs: number
  readonly ms: number
}

export interface Battery {
  readonly atRest: Verdict
  /** Of the last travel that was long enough. */
  readonly underLoad: Verdict
  readonly load: Load
  /** The lowest voltage at rest since it was charged. */
  readonly restVolts: number | undefined
  /** Since when the actuator has had no supply, hardware ms. */
  readonly restSinceMs: number | undefined
  /** Since when the voltage has been out of all reason, hardware ms. */
  readonly implausibleSinceMs: number | undefined
  readonly isReadable: boolean
  readonly lastMs: number | undefined
}

const NO_LOAD: Load = { voltMs: 0, ms: 0 }

export const UNJUDGED_BATTERY: Battery = {
  atRest: 'unjudged',
  underLoad: 'unjudged',
  load: NO_LOAD,
  restVolts: undefined,
  restSinceMs: undefined,
  implausibleSinceMs: undefined,
  isReadable: true,
  lastMs: undefined,
}

const BY_GRAVITY: readonly Verdict[] = ['unjudged', 'charged', 'low', 'critical']

/** What is to be thought of the battery. */
export function batteryState({ atRest, underLoad, isReadable }: Battery): BatteryState {
  if (!isReadable) return 'unreadable'
  return BY_GRAVITY.indexOf(underLoad) > BY_GRAVITY.indexOf(atRest) ? underLoad : atRest
}

function judge(volts: number, lowVolts: number, criticalVolts: number): Verdict {
  return volts < criticalVolts ? 'critical' : volts < lowVolts ? 'low' : 'charged'
}

function judgeAtRest(battery: Battery, volts: number, t: BatteryThresholds): Battery {
  const verdict = judge(volts, t.lowRestVolts, t.criticalRestVolts)
  const wasWorse = BY_GRAVITY.indexOf(battery.atRest) > BY_GRAVITY.indexOf(verdict)
  const restVolts = Math.min(volts, battery.restVolts ?? volts)
  const isCharged = volts >= restVolts + t.chargedByVolts
  return {
    ...battery,
    // A verdict does not flicker at its border.
    atRest: wasWorse && !isCharged ? battery.atRest : verdict,
    underLoad: isCharged ? 'unjudged' : battery.underLoad,
    restVolts: isCharged ? volts : restVolts,
  }
}

function judgeUnderLoad(battery: Battery, sample: BatterySample, t: BatteryThresholds): Battery {
  const sinceLastMs = sample.hardwareMs - (battery.lastMs ?? sample.hardwareMs)
  const isLoaded = sample.actuatorSupplied && sample.motorCurrentAmps > t.loadAmps
  if (!isLoaded) return sample.actuatorSupplied ? battery : { ...battery, load: NO_LOAD }
  const load = {
    voltMs: battery.load.voltMs + sample.batteryVolts * sinceLastMs,
    ms: battery.load.ms + sinceLastMs,
  }
  if (load.ms < t.loadHardwareMs) return { ...battery, load }
  const underLoad = judge(load.voltMs / load.ms, t.lowLoadVolts, t.criticalLoadVolts)
  return { ...battery, underLoad, load: NO_LOAD }
}

/** Takes a sample in. */
export function stepBattery(
  before: Battery,
  sample: BatterySample,
  t: BatteryThresholds = DEFAULT_BATTERY_THRESHOLDS,
): Battery {
  const { hardwareMs, batteryVolts: volts } = sample
  const isPlausible = volts >= t.plausibleVolts.lowest && volts <= t.plausibleVolts.highest
  if (!isPlausible) {
    const implausibleSinceMs = before.implausibleSinceMs ?? hardwareMs
    const isReadable = before.isReadable && hardwareMs - implausibleSinceMs < t.restHardwareMs
    return {
      ...before,
      implausibleSinceMs,
      isReadable,
      lastMs: hardwareMs,
      load: NO_LOAD,
      restSinceMs: undefined,
    }
  }
  const restSinceMs = sample.actuatorSupplied ? undefined : (before.restSinceMs ?? hardwareMs)
  const judged = judgeUnderLoad(before, sample, t)
  const battery = { ...judged, restSinceMs, implausibleSinceMs: undefined, lastMs: hardwareMs }
  if (restSinceMs === undefined || hardwareMs - restSinceMs < t.restHardwareMs) return battery
  return judgeAtRest({ ...battery, isReadable: true }, volts, t)
}
