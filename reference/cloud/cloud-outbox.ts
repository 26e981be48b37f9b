import type { Symbology } from '../domain/unlock-code.js'
import type { VehicleCommand } from '../contracts/vehicle-link.js'
import type { SqlSession } from '../ports/sql-store.js'
import type { Page } from '../sql/dispatcher.js'
import type { Outgoing } from '../sql/lanes.js'
import { nextSequence } from '../sql/next-sequence.js'
import type { Card } from './passive-reply.js'

/** What is said to a user in the service account. */
export type UserNews =
  | { readonly kind: 'text'; readonly content: string }
  | { readonly kind: 'card'; readonly card: Card }
  | { readonly kind: 'code'; readonly code: string; readonly symbology: Symbology }

/** A message that is committed but not yet delivered. Its key is its recipient: an openid, or a vehicle's id. */
export interface CloudMessage<Payload> extends Outgoing {
  readonly payload: Payload
  readonly correlationId: string
}

interface Channels {
  readonly wechat: UserNews
  /** Its id is drawn when it is committed: sent a second time, the car knows it. */
  readonly vehicle: VehicleCommand
}

/** Commits a message to be sent with the state that it follows from. */
export async function postMessage<Channel extends keyof Channels>(
  session: SqlSession,
  channel: Channel,
  recipient: string,
  payload: Channels[Channel],
  correlationId: string,
): Promise<void> {
  await session.execute(
    `INSERT INTO cloud_outbox (sequence, channel, recipient, payload, correlation_id) VALUES (?, ?, ?, ?, ?)`,
    [
      await nextSequence(session, 'cloud_sequences'),
      channel,
      recipient,
      JSON.stringify(payload),
      correlationId,
    ],
  )
}

/** The messages of a channel, in order. */
export async function pendingMessages<Channel extends keyof Channels>(
  session: SqlSession,
  channel: Channel,
  { after, upTo = Number.MAX_SAFE_INTEGER, most, key }: Page,
): Promise<CloudMessage<Channels[Channel]>[]> {
  const rows = await session.query<CloudMessage<string>>(
    `SELECT sequence, recipient AS key, payload, correlation_id AS "correlationId" FROM cloud_outbox
     WHERE sequence > ? AND sequence <= ? AND channel = ? AND (? = '' OR recipient = ?)
     ORDER BY sequence LIMIT ?`,
    [after, upTo, channel, key ?? '', key ?? '', most],
  )
  return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) as Channels[Channel] }))
}

/** Forgets delivered messages, and with them codes in clear. */
export async function removeMessages(session: SqlSession, sequences: readonly number[]): Promise<void> {
  await session.execute(
    `DELETE FROM cloud_outbox WHERE sequence IN (${sequences.map(() => '?').join(', ')})`,
    sequences,
  )
}

/** Forgets what a recipient has been sent up to a message. */
export async function removeUpTo(
  session: SqlSession,
  channel: keyof Channels,
  { key, sequence }: Outgoing,
): Promise<void> {
  await session.execute('DELETE FROM cloud_outbox WHERE channel = ? AND recipient = ? AND sequence <= ?', [
    channel,
    key,
    sequence,
  ])
}
