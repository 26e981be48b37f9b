import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SafeStateProof as RecordedProof } from '../../evidence/run-record.js'

export type SafeStateReason = 'asked' | 'client-lost' | 'runner-lost' | 'terminated' | 'board-link-lost'

/** What the board itself measured after the safe sequence. */
export type Readback = {
  readonly motorCurrentAmps: number
  /** The contact behind the power relay. */
  readonly actuatorSupplied: boolean
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
