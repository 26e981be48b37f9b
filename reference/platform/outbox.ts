import type { LockCommand } from '../contracts/lock-link.js'
import type { PlatformEvent } from '../contracts/platform-api.js'
import type { SqlSession, SqlTransaction } from '../ports/sql-store.js'
import type { Page } from '../sql/dispatcher.js'
import type { Outgoing } from '../sql/lanes.js'
import { writeNumbered } from './history.js'

/** A webhook that is committed but not yet delivered. Its key is its bay: of one bay the cloud hears in order. */
export interface OutgoingWebhook extends Outgoing {
  readonly payload: string
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
    reissue?: number
    party?: string
  },
): void {
  writeNumbered(
    session,
    'platform_outbox (sequence, channel, lock_id, kind, reservation_id, payload, expires_at, at_once, reissue, party)',
    [
      channel,
      message.lockId ?? null,
      message.kind,
      message.reservationId,
      JSON.stringify(message.payload),
      message.expiresAt ? Date.parse(message.expiresAt) : null,
      message.atOnce ? 1 : 0,
      message.reissue ?? 0,
      message.party ?? null,
    ],
  )
}

/** Commits a command to be sent with the state that it follows from. */
export function postCommand(
  session: SqlTransaction,
  lockId: string,
  command: LockCommand,
  options: {
    /** Also to a lock that is away. */
    readonly atOnce?: boolean
    /** How many commands have said the same before it. */
    readonly reissue?: number
  } = {},
): void {
  const reservationId = 'reservationId' in command ? command.reservationId : null
  put(session, 'lock', {
    kind: command.type,
    payload: command,
    reservationId,
    lockId,
    expiresAt: command.expiresAt,
    ...options,
  })
}

/** @param party whose reservation it is about: no other one hears of it */
export function postWebhook(session: SqlTransaction, party: string, event: PlatformEvent): void {
  put(session, 'webhook', {
    kind: event.type,
    payload: event,
    reservationId: event.reservationId ?? null,
    party,
  })
}

/** Whether a code for this reservation still waits to be sent to its lock, or for the lock's answer. */
export async function codeIsOnItsWay(
  session: SqlSession,
  lockId: string,
  reservationId: string,
): Promise<boolean> {
  const waiting = await session.query(
    `SELECT sequence FROM platform_outbox
     WHERE channel = 'lock' AND lock_id = ? AND kind = 'unlock-code' AND reservation_id = ?`,
    [lockId, reservationId],
  )
  return waiting.length > 0
}

/** A lock that is not told yet that a reservation is over need not hear it. */
export function withdrawCancel(session: SqlTransaction, reservationId: string): void {
  session.write(`DELETE FROM platform_outbox WHERE reservation_id = ? AND kind = 'cancel'`, [reservationId])
}

/** A party's webhooks, in order. Those of an earlier release are of the party that made the reservation. */
export async function pendingWebhooks(
  session: SqlSession,
  party: string,
  { after, most }: Page,
): Promise<OutgoingWebhook[]> {
  const rows = await session.query<{ sequence: number; payload: string }>(
    `SELECT o.sequence, o.payload FROM platform_outbox o WHERE o.sequence > ? AND o.channel = 'webhook'
       AND COALESCE(o.party, (SELECT r.party FROM platform_reservations r WHERE r.reservation_id = o.reservation_id)) = ?
     ORDER BY o.sequence LIMIT ?`,
    [after, party, most],
  )
  return rows.map((row) => ({ ...row, key: (JSON.parse(row.payload) as PlatformEvent).bayId }))
}

/** Forgets delivered messages, and with them codes in clear. */
export async function removeMessages(session: SqlSession, sequences: readonly number[]): Promise<void> {
  await session.execute(
    `DELETE FROM platform_outbox WHERE sequence IN (${sequences.map(() => '?').join(', ')})`,
    sequences,
  )
}
