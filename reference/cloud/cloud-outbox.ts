import type { Symbology } from '../domain/unlock-code.js'
import type { VehicleCommandBody } from '../contracts/vehicle-link.js'
import type { SqlSession, SqlTransaction } from '../ports/sql-store.js'
import { writeNumbered } from '../sql/numbered-rows.js'
import type { Card } from './passive-reply.js'

/** What is said to a user in the service account. */
export type UserNews =
  | { readonly kind: 'text'; readonly content: string }
  | { readonly kind: 'card'; readonly card: Card }
  | { readonly kind: 'code'; readonly code: string; readonly symbology: Symbology }

/** A command to a car. Its id is drawn when it is committed: sent a second time, the car knows it. */
export type VehicleNewsItem = VehicleCommandBody & { readonly id: string }

/** A message that is committed but not yet delivered. */
export interface CloudMessage<Payload> {
  readonly sequence: number
  /** An openid, or a vehicle's id. */
  readonly recipient: string
  readonly payload: Payload
  readonly correlationId: string
}

interface Channels {
  readonly wechat: UserNews
  readonly vehicle: VehicleNewsItem
}

/** Commits a message to be sent with the state that it follows from. */
export function postMessage<Channel extends keyof Channels>(
  session: SqlTransaction,
  channel: Channel,
  recipient: string,
  payload: Channels[Channel],
  correlationId: string,
): void {
  writeNumbered(
    session,
    'cloud_sequences',
    'cloud_outbox (sequence, channel, recipient, payload, correlation_id)',
    [channel, recipient, JSON.stringify(payload), correlationId],
  )
}

/** The messages of a channel that come after one that is known, in order. */
export async function pendingMessages<Channel extends keyof Channels>(
  session: SqlSession,
  channel: Channel,
  after = 0,
): Promise<CloudMessage<Channels[Channel]>[]> {
  const rows = await session.query<CloudMessage<string>>(
    `SELECT sequence, recipient, payload, correlation_id AS "correlationId" FROM cloud_outbox
     WHERE channel = ? AND sequence > ? ORDER BY sequence LIMIT 100`,
    [channel, after],
  )
  return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) as Channels[Channel] }))
}

/** Forgets a delivered message, and with it a code in clear. */
export async function removeMessage(
  session: SqlSession,
  { sequence }: Pick<CloudMessage<unknown>, 'sequence'>,
): Promise<void> {
  await session.execute('DELETE FROM cloud_outbox WHERE sequence = ?', [sequence])
}
