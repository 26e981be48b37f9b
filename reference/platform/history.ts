import type { SqlSession } from '../ports/sql-store.js'
import { nextSequence as drawSequence } from '../sql/next-sequence.js'

/** The next number of the order in which messages and transitions were committed. */
export function nextSequence(session: SqlSession): Promise<number> {
  return drawSequence(session, 'platform_sequences')
}

export interface Transition {
  readonly atMs: number
  readonly bayId: string
  readonly axis: 'reservation' | 'occupancy' | 'bolt' | 'lock-health'
  readonly state: string
  readonly reservationId?: string | undefined
  /** What brought it about: `request`, `clock`, or the type and id of a lock's message. */
  readonly cause: string
}

export async function recordTransition(session: SqlSession, transition: Transition): Promise<void> {
  await session.execute(
    `INSERT INTO platform_history (sequence, recorded_at, bay_id, axis, state, reservation_id, cause)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [
      await nextSequence(session),
      transition.atMs,
      transition.bayId,
      transition.axis,
      transition.state,
      transition.reservationId ?? null,
      transition.cause,
    ],
  )
}
