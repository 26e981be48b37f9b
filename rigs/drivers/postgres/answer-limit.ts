import type pg from 'pg'
import { RigFault } from '../../../reference/ports/faults.js'

/** Thrown when a server that was asked something says nothing for too long: it may be gone without a word. */
export class NoAnswer extends RigFault {
  override readonly name = 'NoAnswer'
  constructor(limitMs: number) {
    super(`no answer for ${limitMs / 1_000} s; the connection is given up. Is the way to the server cut?`)
  }
}

/** `pg` has it, but the types of what its pool gives do not. */
type Connected = pg.PoolClient & Pick<pg.Client, 'connection'>

/**
 * Waits for the answer to what a connection is asked. When there is none in time, the connection is destroyed, and all
 * that is asked on it rejects with NoAnswer. (The client's own `query_timeout` leaves a `Submittable` unanswered.)
 * @param limitMs wall time, milliseconds
 */
export async function answered<T>(client: pg.PoolClient, limitMs: number, ask: () => Promise<T>): Promise<T> {
  const { stream } = (client as Connected).connection
  const limit = setTimeout(() => stream.destroy(new NoAnswer(limitMs)), limitMs)
  try {
    return await ask()
  } finally {
    clearTimeout(limit)
  }
}
