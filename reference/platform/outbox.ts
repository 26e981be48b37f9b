import type { LockCommand } from '../contracts/lock-link.js'
import type { PlatformEvent } from '../contracts/platform-api.js'
import type { SqlSession, SqlTransaction } from '../ports/sql-store.js'
import { writeNumbered } from './history.js'

/** A message that is committed but not yet delivered. */
export interface OutboxMessage {
  readonly sequence: number
  readonly lock_id: string | null
  readonly kind: string
  readonly payload: string
  /** Milliseconds since the Unix epoch; a command only. */
  readonly expires_at: number | null
}

function put(
  session: SqlTransaction,
  channel: 'lock' | 'webhook',
  message: {
    kind: string
    payload: object
    reservationId: string | null
    lockId?: string
    expiresAt?: string
    atOnce?: boolean
  },
): void {
  writeNumbered(
    session,
    'platform_outbox (sequence, channel, lock_id, kind, reservation_id, payload, expires_at, at_once)',
    [
      channel,
      message.lockId ?? null,
      message.kind,
      message.reservationId,
      JSON.stringify(message.payload),
      message.expiresAt ? Date.parse(message.expiresAt) : null,
      message.atOnce ? 1 : 0,
    ],
  )
}

/**
 * Commits a command to be sent with the state that it follows from.
 * @param atOnce also to a lock that is away
 */
export function postCommand(
  session: SqlTransaction,
  lockId: string,
  command: LockCommand,
  atOnce = false,
): void {
  const reservationId = 'reservationId' in command ? command.reservationId : null
  put(session, 'lock', {
    kind: command.type,
    payload: command,
    reservationId,
    lockId,
    expiresAt: command.expiresAt,
    atOnce,
  })
}

export function postWebhook(session: SqlTransaction, event: PlatformEvent): void {
  put(session, 'webhook', {
    kind: event.type,
    payload: event,
    reservationId: event.reservationId ?? null,
  })
}

/** Whether a code for this reservation still waits to be sent to its lock. */
export async function codeIsOnItsWay(session: SqlSession, reservationId: string): Promise<boolean> {
  const waiting = await session.query(
    `SELECT sequence FROM platform_outbox WHERE reservation_id = ? AND kind = 'unlock-code'`,
    [reservationId],
  )
  return waiting.length > 0
}

/** A lock that is not told yet that a reservation is over need not hear it. */
export function withdrawCancel(session: SqlTransaction, reservationId: string): void {
  session.write(`DELETE FROM platform_outbox WHERE reservation_id = ? AND kind = 'cancel'`, [reservationId])
}

const COLUMNS = 'sequence, o.lock_id, kind, payload, expires_at'

/** The oldest webhooks, in order. */
export function pendingWebhooks(session: SqlSession): Promise<OutboxMessage[]> {
  return session.query<OutboxMessage>(
    `SELECT ${COLUMNS} FROM platform_outbox o WHERE channel = 'webhook' ORDER BY sequence LIMIT 20`,
  )
}

/** The oldest commands for locks that are there to hear them, in order: those for others wait, unless sent at once. */
export function pendingCommands(session: SqlSession): Promise<OutboxMessage[]> {
  return session.query<OutboxMessage>(
    `SELECT ${COLUMNS} FROM platform_outbox o JOIN platform_bays b ON b.lock_id = o.lock_id AND b.listed = 1
     WHERE channel = 'lock' AND (b.lock_online = 1 OR o.at_once = 1) ORDER BY sequence LIMIT 50`,
  )
}

/** Forgets a delivered message, and with it a code in clear. */
export async function removeMessage(session: SqlSession, { sequence }: OutboxMessage): Promise<void> {
  await session.execute('DELETE FROM platform_outbox WHERE sequence = ?', [sequence])
}
