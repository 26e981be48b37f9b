import type { LockCommand } from '../contracts/lock-link.js'
import type { SqlSession } from '../ports/sql-store.js'
import type { Page } from '../sql/dispatcher.js'
import type { Outgoing } from '../sql/lanes.js'
import { nextCommandNumber } from './command-numbers.js'

/** Commands of which a lock has not yet said what became of them, in order; their key is the lock. */
export function pendingCommands(
  session: SqlSession,
  { after, upTo = Number.MAX_SAFE_INTEGER, most, key }: Page,
): Promise<Outgoing[]> {
  if (key === undefined) {
    return session.query<Outgoing>(
      `SELECT sequence, lock_id AS key FROM platform_outbox WHERE sequence > ? AND channel = 'lock'
       ORDER BY sequence LIMIT ?`,
      [after, most],
    )
  }
  return session.query<Outgoing>(
    `SELECT sequence, lock_id AS key FROM platform_outbox
     WHERE channel = 'lock' AND lock_id = ? AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?`,
    [key, after, upTo, most],
  )
}

/** Those of some commands that are still without an answer. */
export async function unansweredCommands(
  session: SqlSession,
  sequences: readonly number[],
): Promise<number[]> {
  const rows = await session.query<{ sequence: number }>(
    `SELECT sequence FROM platform_outbox WHERE sequence IN (${sequences.map(() => '?').join(', ')})`,
    sequences,
  )
  return rows.map(({ sequence }) => sequence)
}

/**
 * What is to be done about a command now: it goes out with its number, or its end of life has come, or it waits for its
 * lock to be there, or for one before it; nothing if it has been answered meanwhile.
 */
export type CommandTurn =
  { readonly send: LockCommand } | { readonly expired: string; readonly wasSent: boolean } | 'waits'

interface CommandRow {
  readonly kind: string
  readonly payload: string
  readonly expires_at: number
  readonly at_once: number
  readonly number: number | null
  readonly lock_online: number
  readonly stream: string | null
  /** The oldest that has not been sent and does not overtake. */
  readonly oldest: number | null
}

/**
 * Draws the number of a command when it is sent first, because one that waits for its lock may be overtaken by an
 * operator's; sent again, it has the same.
 * @param newStream used if this is the store's first command to the lock
 */
export async function takeTurn(
  session: SqlSession,
  { sequence, key: lockId }: Outgoing,
  nowMs: number,
  newStream: string,
): Promise<CommandTurn> {
  const [row] = await session.query<CommandRow>(
    `SELECT o.kind, o.payload, o.expires_at, o.at_once, o.number, b.lock_online, s.stream,
       (SELECT MIN(e.sequence) FROM platform_outbox e WHERE e.channel = 'lock' AND e.lock_id = o.lock_id
          AND e.number IS NULL AND e.at_once = 0) AS oldest
     FROM platform_outbox o JOIN platform_bays b ON b.lock_id = o.lock_id AND b.listed = 1
       LEFT JOIN platform_lock_streams s ON s.lock_id = o.lock_id
     WHERE o.sequence = ?`,
    [sequence],
  )
  if (!row) return 'waits'
  if (row.expires_at <= nowMs) return { expired: row.kind, wasSent: row.number !== null }
  if (row.lock_online === 0 && row.at_once === 0) return 'waits'
  const command = JSON.parse(row.payload) as LockCommand
  if (row.number !== null && row.stream !== null) {
    return { send: { ...command, stream: row.stream, sequence: row.number } }
  }
  if (row.at_once === 0 && row.oldest !== null && row.oldest < sequence) return 'waits'
  const number = await nextCommandNumber(session, lockId, newStream)
  await session.execute('UPDATE platform_outbox SET command_id = ?, number = ? WHERE sequence = ?', [
    command.id,
    number.sequence,
    sequence,
  ])
  return { send: { ...command, ...number } }
}

/** A command that its lock has answered. */
export interface AnsweredCommand {
  readonly command: LockCommand
  /** How many commands have said the same before it. */
  readonly reissue: number
}

/** Forgets a command that its lock has answered, and with it a code in clear. */
export async function strikeCommand(
  session: SqlSession,
  lockId: string,
  commandId: string,
): Promise<AnsweredCommand | undefined> {
  const [row] = await session.query<{ payload: string; reissue: number }>(
    `DELETE FROM platform_outbox WHERE channel = 'lock' AND lock_id = ? AND command_id = ?
     RETURNING payload, reissue`,
    [lockId, commandId],
  )
  return row && { command: JSON.parse(row.payload) as LockCommand, reissue: row.reissue }
}
