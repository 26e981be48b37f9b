import type { LockCommand } from '../contracts/lock-link.js'
import type { PlatformEvent } from '../contracts/platform-api.js'
import type { SqlSession } from '../ports/sql-store.js'
import type { Page } from '../sql/dispatcher.js'
import type { Outgoing } from '../sql/lanes.js'
import { nextSequence } from './history.js'

/** A webhook that is committed but not yet delivered. Its key is its bay: of one bay the cloud hears in order. */
export interface OutgoingWebhook extends Outgoing {
  readonly payload: string
}

async function put(
  session: SqlSession,
  channel: 'lock' | 'webhook',
  message: {
    kind: string
    payload: object
    reservationId: string | null
    lockId?: string
    expiresAt?: string
    atOnce?: boolean
    reissue?: number
  },
): Promise<void> {
  await session.execute(
    `INSERT INTO platform_outbox (sequence, channel, lock_id, kind, reservation_id, payload, expires_at, at_once, reissue)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      await nextSequence(session),
      channel,
      message.lockId ?? null,
      message.kind,
      message.reservationId,
      JSON.stringify(message.payload),
      message.expiresAt ? Date.parse(message.expiresAt) : null,
      message.atOnce ? 1 : 0,
      message.reissue ?? 0,
    ],
  )
}

/** Commits a command to be sent with the state that it follows from. */
export async function postCommand(
  session: SqlSession,
  lockId: string,
  command: LockCommand,
  options: {
    /** Also to a lock that is away. */
    readonly atOnce?: boolean
    /** How many commands have said the same before it. */
    readonly reissue?: number
  } = {},
): Promise<void> {
  const reservationId = 'reservationId' in command ? command.reservationId : null
  await put(session, 'lock', {
    kind: command.type,
    payload: command,
    reservationId,
    lockId,
    expiresAt: command.expiresAt,
    ...options,
  })
}

export async function postWebhook(session: SqlSession, event: PlatformEvent): Promise<void> {
  await put(session, 'webhook', {
    kind: event.type,
    payload: event,
    reservationId: event.reservationId ?? null,
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

/** A lock need not hear that a reservation is over which it has opened. */
export async function withdrawCancel(
  session: SqlSession,
  lockId: string,
  reservationId: string,
): Promise<void> {
  await session.execute(
    `DELETE FROM platform_outbox
     WHERE channel = 'lock' AND lock_id = ? AND kind = 'cancel' AND reservation_id = ?`,
    [lockId, reservationId],
  )
}

/** Webhooks, in order. */
export async function pendingWebhooks(
  session: SqlSession,
  { after, most }: Page,
): Promise<OutgoingWebhook[]> {
  const rows = await session.query<{ sequence: number; payload: string }>(
    `SELECT sequence, payload FROM platform_outbox WHERE sequence > ? AND channel = 'webhook'
     ORDER BY sequence LIMIT ?`,
    [after, most],
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
