import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  SAFE_STATE_FILE,
  type SafeStateAttempt,
  type SafeStateProof,
  type SafeStateReason,
} from './safe-state.js'

/** Attempts that the file keeps; it counts those before them. */
const MOST_ATTEMPTS = 100

/**
 * A bench's `safe-state.json`: one proof, with all attempts in it. It says `confirmed` only for the last attempt, and only
 * while nothing has been let to the board since; a supervisor that is killed leaves it as it is, so that it is taken back
 * before an attempt begins and when a controller gets the line.
 */
export class ProofFile {
  readonly #file: string
  #attempts: readonly SafeStateAttempt[]
  #earlierAttempts: number

  /** Goes on with what another supervisor of the same bench has written. */
  constructor(evidenceFolder: string) {
    this.#file = join(evidenceFolder, SAFE_STATE_FILE)
    const before = readProof(evidenceFolder)
    this.#attempts = before?.attempts ?? []
    this.#earlierAttempts = before?.earlierAttempts ?? 0
  }

  /** A controller has the line from now on: what was proven before is not so any more. */
  controllerCame(): void {
    this.#tryWrite(this.#open('client-lost', 'a controller has had the line since the last attempt'))
  }

  begin(reason: SafeStateReason): void {
    this.#tryWrite(this.#open(reason, 'the attempt has not ended'))
  }

  /** @returns the proof as it is on disk; unconfirmed when it cannot be written */
  end(attempt: SafeStateAttempt): SafeStateProof {
    const attempts = [...this.#attempts, attempt]
    this.#earlierAttempts += Math.max(0, attempts.length - MOST_ATTEMPTS)
    this.#attempts = attempts.slice(-MOST_ATTEMPTS)
    const proof: SafeStateProof = {
      ...attempt,
      attempts: this.#attempts,
      earlierAttempts: this.#earlierAttempts,
    }
    const failure = this.#tryWrite(proof)
    return failure
      ? { ...proof, confirmed: false, problem: `the proof cannot be written: ${failure}` }
      : proof
  }

  #open(reason: SafeStateReason, problem: string): SafeStateProof {
    const now = new Date().toISOString()
    return {
      reason,
      confirmed: false,
      problem,
      readback: null,
      startedAt: now,
      finishedAt: now,
      attempts: this.#attempts,
      earlierAttempts: this.#earlierAttempts,
    }
  }

  /** A full disk must not end the guardian. An older proof does not stay in the place of one that cannot be written. */
  #tryWrite(proof: SafeStateProof): string | undefined {
    try {
      writeFileSync(`${this.#file}.part`, `${JSON.stringify(proof, null, 2)}\n`)
      renameSync(`${this.#file}.part`, this.#file)
      return undefined
    } catch (error) {
      for (const file of [this.#file, `${this.#file}.part`]) remove(file)
      return String(error)
    }
  }
}

/** The proof in a folder, or undefined where none is. */
export function readProof(evidenceFolder: string): SafeStateProof | undefined {
  try {
    return JSON.parse(readFileSync(join(evidenceFolder, SAFE_STATE_FILE), 'utf8')) as SafeStateProof
  } catch {
    return undefined
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // A folder that is gone, or read-only: it was no place for a proof.
  }
}
