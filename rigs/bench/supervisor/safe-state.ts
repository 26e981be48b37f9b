import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type SafeStateReason = 'asked' | 'client-lost' | 'runner-lost' | 'terminated' | 'board-link-lost'

/** What the board itself measured after the safe sequence. */
export interface Readback {
  readonly motorCurrentAmps: number
  /** The contact behind the power relay. */
  readonly actuatorSupplied: boolean
}

/** The proof that the actuator is without power, or the statement that there is none. */
export interface SafeStateProof {
  readonly reason: SafeStateReason
  /** True only when an independent readback shows no current and an open relay. */
  readonly confirmed: boolean
  /** Why it is not confirmed. */
  readonly problem: string | null
  /** The last readback, if the board gave one. */
  readonly readback: Readback | null
  /** Wall clock, ISO 8601. */
  readonly startedAt: string
  readonly finishedAt: string
}

/** The last proof of a run. */
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
