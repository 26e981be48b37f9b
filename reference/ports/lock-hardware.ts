/**
 * The lock's body: a bolt that a servo moves between two limit switches, behind a power relay, with sensors.
 * Bolt `up` locks the bay, bolt `down` opens it.
 */
export type BoltTarget = 'up' | 'down'

/** One reading of every sensor, taken by the board. */
export interface HardwareSample {
  /**
   * Hardware time: milliseconds on the board's own clock since the driver connected. Travel limits and settling are
   * judged on it, so that a slow host never makes a false jam.
   */
  readonly hardwareMs: number
  /** The limit switches, debounced by nobody yet: true while pressed. */
  readonly limitUp: boolean
  readonly limitDown: boolean
  /** True while a vehicle stands over the sensor. */
  readonly vehiclePresent: boolean
  /** True while the housing is open, or the wire of its contact is cut; debounced by nobody yet. */
  readonly tampered: boolean
  /** Sense contact behind the power relay: true while the actuator is supplied. */
  readonly actuatorSupplied: boolean
  readonly motorCurrentAmps: number
  readonly batteryVolts: number
}

/** Why hardware is gone; a driver says it once, and refuses every later command. */
export type HardwareLoss = 'link-closed' | 'no-samples' | 'board-reset'

export interface HardwareIdentity {
  /** E.g. `Arduino Uno (ATmega328P)`. */
  readonly board: string
  /** Name and version that the firmware reports, e.g. `StandardFirmata.ino 2.5`. */
  readonly firmware: string
}

export interface LockHardware {
  readonly identity: HardwareIdentity
  /** The last sample. */
  readonly sample: HardwareSample
  /** Supplies the actuator and drives the bolt towards a limit. It does not stop by itself. */
  drive(target: BoltTarget): void
  /** Ends the drive in the safe order: supply off, then pulses off. */
  release(): void
  /** Called for every sample, at least 50 times a hardware second. @returns unsubscribe */
  onSample(listener: (sample: HardwareSample) => void): () => void
  /** @returns unsubscribe */
  onLost(listener: (loss: HardwareLoss) => void): () => void
  /** Releases the drive and lets go of the board. */
  close(): Promise<void>
}

/** Thrown by `drive` and `release` once the hardware is lost or closed. */
export class HardwareGone extends Error {
  override readonly name = 'HardwareGone'
  constructor(readonly loss: HardwareLoss | 'closed') {
    super(
      `the lock's board is gone (${loss}); nothing was commanded. Restart the lock when the board is back.`,
    )
  }
}
