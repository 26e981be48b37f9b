import type { CutOff, HardwareSample } from '../../../reference/ports/lock-hardware.js'

/** What the lock's sensors say, in the words of `lockstep lock status`. */
export interface LockReadings {
  /** By the limit switches alone; `contradictory` when both are pressed. */
  readonly bolt: 'up' | 'down' | 'between' | 'contradictory'
  readonly vehiclePresent: boolean
  /** By the contact behind the power relay. */
  readonly actuatorSupplied: boolean
  readonly tampered: boolean
  readonly motorCurrentAmps: number
  /** The current was measured before the supply was seen to end: it says nothing of now. Absent otherwise. */
  readonly currentIsStale?: true
  readonly batteryVolts: number
  /** The board's own protection that holds the actuator without power; null where none does, or the firmware has none. */
  readonly cutOff: CutOffReading | null
}

export interface CutOffReading {
  readonly cause: CutOff
  /** Hardware milliseconds. */
  readonly ageMs: number
}

export function readingsFrom(
  sample: Omit<HardwareSample, 'hardwareMs'> & { readonly currentIsStale?: boolean },
): LockReadings {
  const { limitUp, limitDown, vehiclePresent, actuatorSupplied, tampered } = sample
  const bolt = limitUp ? (limitDown ? 'contradictory' : 'up') : limitDown ? 'down' : 'between'
  return {
    bolt,
    vehiclePresent,
    actuatorSupplied,
    tampered,
    motorCurrentAmps: hundredths(sample.motorCurrentAmps),
    ...(sample.currentIsStale && { currentIsStale: true }),
    batteryVolts: hundredths(sample.batteryVolts),
    cutOff: sample.cutOff ? { cause: sample.cutOff, ageMs: sample.cutOffAgeMs ?? 0 } : null,
  }
}

/** Differences of the analog readings that are worth a line of `lock watch`: above the ADC's jitter. */
const WORTH_AMPS = 0.15
const WORTH_VOLTS = 0.15

export function changedEnough(before: LockReadings | null, now: LockReadings): boolean {
  if (!before) return true
  return (
    before.bolt !== now.bolt ||
    before.vehiclePresent !== now.vehiclePresent ||
    before.actuatorSupplied !== now.actuatorSupplied ||
    before.tampered !== now.tampered ||
    before.cutOff?.cause !== now.cutOff?.cause ||
    Math.abs(before.motorCurrentAmps - now.motorCurrentAmps) >= WORTH_AMPS ||
    Math.abs(before.batteryVolts - now.batteryVolts) >= WORTH_VOLTS
  )
}

/** One line for people. */
export function describeReadings(readings: LockReadings): string {
  const {
    bolt,
    actuatorSupplied,
    motorCurrentAmps,
    batteryVolts,
    vehiclePresent,
    tampered,
    cutOff,
    currentIsStale,
  } = readings
  return [
    `bolt ${bolt}`,
    actuatorSupplied ? 'actuator supplied' : 'actuator without power',
    `${motorCurrentAmps.toFixed(2)} A${currentIsStale ? ' (stale: from before the cut)' : ''}`,
    `battery ${batteryVolts.toFixed(2)} V`,
    vehiclePresent ? 'vehicle present' : 'no vehicle',
    ...(tampered ? ['TAMPERED'] : []),
    ...(cutOff ? [describeCutOff(cutOff)] : []),
  ].join(', ')
}

/** For people, with what leads out of it. */
export function describeCutOff({ cause, ageMs }: CutOffReading): string {
  return `CUT OFF by the board (${cause}, ${(ageMs / 1_000).toFixed(1)} s ago): mend its cause, then lockstep lock rearm`
}

const hundredths = (value: number) => Math.round(value * 100) / 100
