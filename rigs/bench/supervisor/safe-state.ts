import type { CutOffReading } from '../lock/lock-readings.js'
import type { SafeStateProof as RecordedProof } from '../../evidence/run-record.js'

/**
 * Why the power was taken away: the bench asked; its controller's line ended; its controller fell silent; the runner ended without a word; the
 * runner still lives, but its event loop stands; the supervisor was told to end; somebody said `lockstep safe`; the
 * board was pulled; the supervisor itself failed, by an exception that nothing had foreseen.
 */
export type SafeStateReason =
  | 'asked'
  | 'client-lost'
  | 'client-hung'
  | 'runner-lost'
  | 'runner-hung'
  | 'terminated'
  | 'by-hand'
  | 'board-link-lost'
  | 'supervisor-failed'

/** What the board itself measured after the safe sequence. */
export type Readback = {
  readonly motorCurrentAmps: number
  /** The contact behind the power relay. */
  readonly actuatorSupplied: boolean
  /** What the firmware's own guard says, where it has one: disarmed, it takes no drive from any host. */
  readonly guard?: {
    readonly armed: boolean
    readonly latched: boolean
    readonly cause: string
    /** The cut-off that is latched; only `lockstep lock rearm`, or a drive that acknowledges it, ends it. */
    readonly cutOff?: CutOffReading
  }
}

/** One attempt to take the actuator's power away, and what the board measured afterwards. */
export interface SafeStateAttempt extends RecordedProof {
  readonly reason: SafeStateReason
  readonly readback: Readback | null
}

/** The last attempt: the proof that the actuator is without power, or the statement that there is none; and all before. */
export interface SafeStateProof extends SafeStateAttempt {
  /** In their order, the last one too; at most 100. */
  readonly attempts: readonly SafeStateAttempt[]
  /** Attempts before those. */
  readonly earlierAttempts: number
}

export const SAFE_STATE_FILE = 'safe-state.json'
