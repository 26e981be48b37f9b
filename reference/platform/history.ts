import type { BayTransition, TransitionAxis } from '../contracts/platform-api.js'
import type { SqlSession, SqlTransaction, SqlValue } from '../ports/sql-store.js'
import { writeNumbered as writeNumberedRow } from '../sql/numbered-rows.js'

/** Writes a row with the next number of the order in which messages and transitions are committed. */
export function writeNumbered(session: SqlTransaction, into: string, values: readonly SqlValue[]): void {
  writeNumberedRow(session, 'platform_sequences', into, values)
}

export interface Transition {
  readonly atMs: number
  readonly bayId: string
  readonly axis: TransitionAxis
  readonly state: string
  readonly reservationId?: string | undefined
  /** What brought it about: `request`, `operator`, `clock`, or the type and id of a lock's message. */
  readonly cause: string
}

export function recordTransition(session: SqlTransaction, transition: Transition): void {
  writeNumbered(
    session,
    'platform_history (sequence, recorded_at, bay_id, axis, state, reservation_id, cause)',
    [
      transition.atMs,
      transition.bayId,
      transition.axis,
      transition.state,
      transition.reservationId ?? null,
      transition.cause,
    ],
  )
}

interface TransitionRow {
  readonly sequence: number
  readonly recorded_at: number
  readonly axis: TransitionAxis
  readonly state: string
  readonly reservation_id: string | null
  readonly cause: string
}

/** Most transitions of one answer. */
const PAGE = 1_000

/** What has happened to a bay, oldest first. @param after the last sequence that is known already */
export async function bayHistory(
  session: SqlSession,
  bayId: string,
  after: number,
): Promise<BayTransition[]> {
  const rows = await session.query<TransitionRow>(
    `SELECT sequence, recorded_at, axis, state, reservation_id, cause FROM platform_history
     WHERE bay_id = ? AND sequence > ? ORDER BY sequence LIMIT ${PAGE}`,
    [bayId, after],
  )
  return rows.map((row) => ({
    sequence: row.sequence,
    at: new Date(row.recorded_at).toISOString(),
    axis: row.axis,
    state: row.state,
    ...(row.reservation_id !== null && { reservationId: row.reservation_id }),
    cause: row.cause,
  }))
}
