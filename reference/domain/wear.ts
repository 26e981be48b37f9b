/** What the lock has worked since it was built: pure book-keeping beside the bolt's machine. */
import type { Bolt } from './bolt.js'

export interface Wear {
  /** Rises that ended at the upper limit: each is half of an up and down. */
  readonly cycles: number
  /** Drives that a blocked bolt ended: the gear suffers most from these. */
  readonly stalls: number
  /** Taken from the battery by the actuator, joules. */
  readonly energyJoules: number
}

export const NO_WEAR: Wear = { cycles: 0, stalls: 0, energyJoules: 0 }

/** A gap between two samples longer than this is no measurement of energy, hardware ms. */
const LONGEST_SAMPLE_MS = 200

interface EnergySample {
  readonly hardwareMs: number
  readonly batteryVolts: number
  readonly motorCurrentAmps: number
  readonly actuatorSupplied: boolean
}

/** What one step of the machine adds. @param sinceLastMs hardware ms since the sample before */
export function wearOfStep(before: Bolt, after: Bolt, sample: EnergySample, sinceLastMs: number): Wear {
  const ms = sample.actuatorSupplied ? Math.min(Math.max(sinceLastMs, 0), LONGEST_SAMPLE_MS) : 0
  const ended = before.drive !== undefined && after.drive !== before.drive
  const isBlocked =
    (after.state === 'obstructed' && before.state !== 'obstructed') ||
    (after.state === 'jammed' && before.state !== 'jammed')
  return {
    cycles: ended && after.state === 'up' ? 1 : 0,
    stalls: ended && isBlocked ? 1 : 0,
    energyJoules: (sample.batteryVolts * sample.motorCurrentAmps * ms) / 1000,
  }
}

export function addWear(a: Wear, b: Wear): Wear {
  return {
    cycles: a.cycles + b.cycles,
    stalls: a.stalls + b.stalls,
    energyJoules: a.energyJoules + b.energyJoules,
  }
}
