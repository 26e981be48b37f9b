import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** The proof that the actuator is without power, or the statement that there is none. */
export interface SafeStateProof extends RecordedProof {
  readonly reason: SafeStateReason
  readonly readback: Readback | null
}

export const SAFE_STATE_FILE = 'safe-state.json'
/** All of them in order, one a line. */
export const SAFE_STATES_FILE = 'safe-states.ndjson'

/** Writes the last proof, whole or not at all, and adds it to the list of all. */
export function writeProof(evidenceFolder: string, proof: SafeStateProof): void {
  const file = join(evidenceFolder, SAFE_STATE_FILE)
  writeFileSync(`${file}.part`, `${JSON.stringify(proof, null, 2)}\n`)
  renameSync(`${file}.part`, file)
  appendFileSync(join(evidenceFolder, SAFE_STATES_FILE), `${JSON.stringify(proof)}\n`)
}
