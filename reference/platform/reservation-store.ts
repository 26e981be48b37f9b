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
  r.correlation_id, r.expires_at, r.no_show_at, r.party
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

/** Held for a driver, or unlocked for a vehicle that has not come. `platform_due_*` index both. */
const HELD_UNTIL = `state IN ('held', 'accepted', 'code-issued')`
const NO_SHOW_AT = `state = 'unlocked'`

/** Ids of the reservations that time has ended, oldest first. @param nowMs since the Unix epoch */
export async function dueReservations(session: SqlSession, nowMs: number, most: number): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    `SELECT reservation_id AS id, expires_at AS at FROM platform_reservations
       WHERE ${HELD_UNTIL} AND expires_at <= ?
     UNION ALL SELECT reservation_id AS id, no_show_at AS at FROM platform_reservations
       WHERE ${NO_SHOW_AT} AND no_show_at <= ?
     ORDER BY at, id LIMIT ?`,
    [nowMs, nowMs, most],
  )
  return rows.map(({ id }) => id)
}

/** When time will next end a reservation, milliseconds since the Unix epoch. */
export async function nextDueAtMs(session: SqlSession): Promise<number | undefined> {
  const [row] = await session.query<{ held: number | null; unlocked: number | null }>(
    `SELECT (SELECT MIN(expires_at) FROM platform_reservations WHERE ${HELD_UNTIL}) AS held,
            (SELECT MIN(no_show_at) FROM platform_reservations WHERE ${NO_SHOW_AT}) AS unlocked`,
  )
  const times = [row?.held, row?.unlocked].filter((at) => at !== null && at !== undefined)
  return times.length === 0 ? undefined : Math.min(...times)
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
