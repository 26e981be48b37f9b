import type { SqlSession } from '../ports/sql-store.js'

/** Where a command stands among those to its lock. */
export interface CommandNumber {
  /** Differs from store to store: whoever counts anew counts in another stream. */
  readonly stream: string
  readonly sequence: number
}

/**
 * Draws the number of the command that is sent next to a lock: at the moment of sending, because one that waits for
 * its lock may be overtaken by an operator's.
 * @param newStream used if this is the store's first command to the lock
 */
export async function nextCommandNumber(
  session: SqlSession,
  lockId: string,
  newStream: string,
): Promise<CommandNumber> {
  const [drawn] = await session.query<CommandNumber>(
    `INSERT INTO platform_lock_streams (lock_id, stream, value) VALUES (?, ?, 1)
     ON CONFLICT (lock_id) DO UPDATE SET value = platform_lock_streams.value + 1
     RETURNING stream, value AS sequence`,
    [lockId, newStream],
  )
  if (!drawn) throw new Error(`no number was drawn for a command to lock ${lockId}`)
  return drawn
}
