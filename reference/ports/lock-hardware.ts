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
  /** The protection that holds the actuator without power since; absent when none does. See `CutOff`. */
  readonly cutOff?: CutOff
  /** How long ago that was, hardware milliseconds; only beside `cutOff`. */
  readonly cutOffAgeMs?: number
}

/**
 * Why the board took the actuator's power away by itself: its controller fell silent, the motor stalled, or both limit
 * switches were pressed at once. Latched: until `rearm`, `drive` throws `CutOffLatched`. It outlives the connection.
 */
export type CutOff = 'heartbeat-lost' | 'over-current' | 'both-limits'

/**
 * Why hardware is gone; a driver says it once, and refuses every later command.
 * - `link-closed`: the line ended (unplugged, or taken away)
 * - `board-reset`: the board has started anew: it no longer knows what it was told
 * - `frozen`: the line is open, but not a byte comes: the chip stands still, or has no power
 * - `no-samples`: the board answers, but no longer measures
 */
export type HardwareLoss = 'link-closed' | 'board-reset' | 'frozen' | 'no-samples'

export interface HardwareIdentity {
  /** E.g. `Arduino Uno (ATmega328P)`. */
  readonly board: string
  /** Name and version that the firmware reports, e.g. `StandardFirmata.ino 2.5`. */
  readonly firmware: string
  /** SHA-256 of the firmware's sources, when it reports one. */
  readonly sourceSha256?: string
  /** What the chip last started from, e.g. `power-on`, when the firmware reports it. */
  readonly resetCause?: string
}

export interface LockHardware {
  readonly identity: HardwareIdentity
  /** The last sample. */
  readonly sample: HardwareSample
  /**
   * Supplies the actuator and drives the bolt towards a limit. Release it there: a board without protections goes on.
   * @throws HardwareGone
   * @throws CutOffLatched while a cut-off holds
   */
  drive(target: BoltTarget): void
  /**
   * Acknowledges a cut-off, and lifts the board's latch; nothing is supplied by it. Only boards with protections have it.
   * @throws HardwareGone
   */
  rearm?(): void
  /** Ends the drive in the safe order: supply off, then pulses off. */
  release(): void
  /** Called for every sample, at least 50 times a hardware second. @returns unsubscribe */
  onSample(listener: (sample: HardwareSample) => void): () => void
  /** @returns unsubscribe */
  onLost(listener: (loss: HardwareLoss) => void): () => void
  /** Releases the drive and lets go of the board. */
  close(): Promise<void>
}

/** Thrown by `drive` while a protection of the board holds the actuator without power. */
export class CutOffLatched extends Error {
  override readonly name = 'CutOffLatched'
  constructor(readonly cutOff: CutOff) {
    super(
      `the lock's board has cut the actuator's power (${cutOff}); nothing was commanded. Mend the cause, then rearm.`,
    )
  }
}

/** Thrown by `drive`, `release` and `rearm` once the hardware is lost or closed. */
export class HardwareGone extends Error {
  override readonly name = 'HardwareGone'
  constructor(readonly loss: HardwareLoss | 'closed') {
    super(
      `the lock's board is gone (${loss}); nothing was commanded. Restart the lock when the board is back.`,
    )
  }
}
