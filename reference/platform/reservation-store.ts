import type { PlatformEventType, Reservation, ReservationState } from '../contracts/platform-api.js'
import type { Symbology } from '../domain/unlock-code.js'
import type { SqlSession } from '../ports/sql-store.js'

export interface ReservationRow {
  readonly reservation_id: string
  readonly bay_id: string
  readonly lock_id: string
  readonly state: ReservationState
  readonly reason: string | null
  readonly symbology: Symbology
  readonly correlation_id: string | null
  readonly created_at: number
  readonly expires_at: number
  /** Once unlocked: when it ends unless a vehicle has come. */
  readonly no_show_at: number | null
  /** Who made it. */
  readonly party: string
}

interface Step {
  /** The only states from which it may be reached: a late or repeated message finds none of them, and moves nothing. */
  readonly from: readonly ReservationState[]
  /** What the cloud is told. */
  readonly tells: readonly PlatformEventType[]
  /** What the lock is told: the reservation is over. */
  readonly cancels?: 'cancelled' | 'expired' | 'completed'
}

const BEFORE_UNLOCK = ['held', 'accepted', 'code-issued'] as const

/** The states in which a reservation keeps its bay from others. */
export const ACTIVE = [...BEFORE_UNLOCK, 'unlocked', 'occupied'] as const

/** The life of a reservation after `held`. `code-issued` carries the code, and is told with it. */
export const STEPS = {
  accepted: { from: ['held'], tells: ['reservation-accepted'] },
  refused: { from: ['held'], tells: ['reservation-refused'] },
  'code-issued': { from: ['accepted', 'code-issued'], tells: [] },
  unlocked: { from: ['code-issued'], tells: ['bay-unlocked'] },
  occupied: { from: ['unlocked'], tells: ['bay-occupied'] },
  completed: { from: ['occupied'], tells: ['bay-left', 'reservation-completed'], cancels: 'completed' },
  cancelled: { from: BEFORE_UNLOCK, tells: ['reservation-cancelled'], cancels: 'cancelled' },
  expired: { from: BEFORE_UNLOCK, tells: ['reservation-expired'], cancels: 'expired' },
} as const satisfies Record<Exclude<ReservationState, 'held'>, Step>

export type StepName = keyof typeof STEPS

const placeholders = (values: readonly unknown[]) => values.map(() => '?').join(', ')

/**
 * Moves a reservation on, if it is where the step starts from: compared and written in one statement.
 * @returns whether it moved
 */
export async function moveReservation(
  session: SqlSession,
  id: string,
  to: StepName,
  details: {
    readonly reason?: string | undefined
    readonly codeSha256?: string
    readonly noShowAtMs?: number | undefined
    /** Instead of the states from which the step usually starts. */
    readonly from?: readonly ReservationState[]
  } = {},
): Promise<boolean> {
  const from = details.from ?? STEPS[to].from
  const { rowsAffected } = await session.execute(
    `UPDATE platform_reservations
     SET state = ?, reason = COALESCE(?, reason), code_sha256 = COALESCE(?, code_sha256),
       no_show_at = COALESCE(?, no_show_at)
     WHERE reservation_id = ? AND state IN (${placeholders(from)})`,
    [to, details.reason ?? null, details.codeSha256 ?? null, details.noShowAtMs ?? null, id, ...from],
  )
  return rowsAffected === 1
}

const RESERVATIONS = `SELECT r.reservation_id, r.bay_id, b.lock_id, r.state, r.reason, r.symbology,
  r.correlation_id, r.created_at, r.expires_at, r.no_show_at, r.party
  FROM platform_reservations r JOIN platform_bays b ON b.bay_id = r.bay_id`

export async function findReservation(session: SqlSession, id: string): Promise<ReservationRow | undefined> {
  return (await session.query<ReservationRow>(`${RESERVATIONS} WHERE r.reservation_id = ?`, [id]))[0]
}

/** A reservation that a lock speaks of, provided that it is one of its own. */
export async function reservationAtLock(
  session: SqlSession,
  id: string,
  lockId: string,
): Promise<ReservationRow | undefined> {
  const row = await findReservation(session, id)
  return row?.lock_id === lockId ? row : undefined
}

/** The one reservation for which the bay is taken. */
export async function activeReservation(
  session: SqlSession,
  bayId: string,
): Promise<ReservationRow | undefined> {
  const rows = await session.query<ReservationRow>(
    `${RESERVATIONS} WHERE r.bay_id = ?
     AND r.state IN (${placeholders(ACTIVE)})`,
    [bayId, ...ACTIVE],
  )
  return rows[0]
}

/** Another command asks the lock for the reservation from now on. */
export async function nameReserveCommand(session: SqlSession, id: string, commandId: string): Promise<void> {
  await session.execute(`UPDATE platform_reservations SET reserve_command_id = ? WHERE reservation_id = ?`, [
    commandId,
    id,
  ])
}

export async function reservationOfCommand(
  session: SqlSession,
  reserveCommandId: string,
): Promise<ReservationRow | undefined> {
  return (
    await session.query<ReservationRow>(`${RESERVATIONS} WHERE r.reserve_command_id = ?`, [reserveCommandId])
  )[0]
}

/** How long is waited for a lock, milliseconds of business time. */
export interface LockPatience {
  /** For its word on a new hold. */
  readonly silenceMs: number
  /** For word of an opening, beyond the end of a hold with a code. */
  readonly unlockGraceMs: number
}

/** What time ends: `platform_due_*` index each. */
const HELD_UNTIL = `state IN ('held', 'accepted', 'code-issued')`
const NO_SHOW_AT = `state = 'unlocked'`
const UNJUDGED = `state = 'held'`

/** Ids of the reservations that time has ended, oldest first. @param nowMs since the Unix epoch */
export async function dueReservations(
  session: SqlSession,
  nowMs: number,
  { silenceMs, unlockGraceMs }: LockPatience,
  most: number,
): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    `SELECT reservation_id AS id, expires_at AS at FROM platform_reservations
       WHERE ${HELD_UNTIL} AND expires_at <= ? AND (state <> 'code-issued' OR expires_at <= ?)
     UNION SELECT reservation_id AS id, expires_at AS at FROM platform_reservations
       WHERE ${UNJUDGED} AND created_at <= ?
     UNION SELECT reservation_id AS id, no_show_at AS at FROM platform_reservations
       WHERE ${NO_SHOW_AT} AND no_show_at <= ?
     ORDER BY at, id LIMIT ?`,
    [nowMs, nowMs - unlockGraceMs, nowMs - silenceMs, nowMs, most],
  )
  return rows.map(({ id }) => id)
}

/**
 * When time may next end a reservation, milliseconds since the Unix epoch, provided that what was due at `nowMs` has
 * been ended.
 */
export async function nextDueAtMs(
  session: SqlSession,
  nowMs: number,
  { silenceMs, unlockGraceMs }: LockPatience,
): Promise<number | undefined> {
  type Earliest = Record<'held' | 'opening' | 'unjudged' | 'unlocked', number | null>
  const [row] = await session.query<Earliest>(
    `SELECT (SELECT MIN(expires_at) FROM platform_reservations WHERE ${HELD_UNTIL} AND expires_at > ?) AS held,
            (SELECT MIN(expires_at) FROM platform_reservations
               WHERE ${HELD_UNTIL} AND expires_at > ? AND expires_at <= ?) AS opening,
            (SELECT MIN(created_at) FROM platform_reservations WHERE ${UNJUDGED}) AS unjudged,
            (SELECT MIN(no_show_at) FROM platform_reservations WHERE ${NO_SHOW_AT}) AS unlocked`,
    [nowMs, nowMs - unlockGraceMs, nowMs],
  )
  const { held = null, opening = null, unjudged = null, unlocked = null } = row ?? {}
  const times = [
    held,
    opening === null ? null : opening + unlockGraceMs,
    unjudged === null ? null : unjudged + silenceMs,
    unlocked,
  ].filter((at) => at !== null)
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Whether a hold with a code has run out, and the bay has not been promised to anyone since. */
export async function hasRunOut(
  session: SqlSession,
  { reservation_id: id }: ReservationRow,
): Promise<boolean> {
  const rows = await session.query(
    `SELECT r.reservation_id FROM platform_reservations r
     WHERE r.reservation_id = ? AND r.state = 'expired' AND r.reason IS NULL AND r.code_sha256 IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM platform_reservations o
         WHERE o.bay_id = r.bay_id AND o.state IN (${placeholders(ACTIVE)}))`,
    [id, ...ACTIVE],
  )
  return rows.length === 1
}

export function asReservation(row: ReservationRow): Reservation {
  return {
    reservationId: row.reservation_id,
    bayId: row.bay_id,
    state: row.state,
    ...(row.reason !== null && { reason: row.reason }),
    expiresAt: new Date(row.expires_at).toISOString(),
  }
}
