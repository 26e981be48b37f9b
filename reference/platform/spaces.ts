import type { BoltPosition, LockSaid, Position, Space } from '../contracts/platform-api.js'
import type { ChargerKind } from '../domain/bay-fit.js'
import type { ReportedFix } from '../domain/comparator.js'
import { wgs84 } from '../domain/coordinates.js'
import type { SqlSession } from '../ports/sql-store.js'

/** A bay with what its lock last said. */
export interface BayRow {
  readonly bay_id: string
  readonly label: string
  readonly lock_id: string
  readonly latitude: number
  readonly longitude: number
  readonly price_per_hour_fen: number
  readonly occupancy: Space['occupancy']
  readonly bolt: BoltPosition
  readonly in_service: 0 | 1
  readonly lock_online: 0 | 1
  readonly lock_fault: string | null
  readonly boot_count: number | null
  /** When a clock that looks wrong was last asked about, milliseconds since the Unix epoch. */
  readonly clock_asked_at: number | null
  /** By how much the lock's clock is wrong, positive when it is ahead; null when it is right as far as is known. */
  readonly clock_ahead_ms: number | null
  readonly fix_latitude: number | null
  readonly fix_longitude: number | null
  readonly fix_at: number | null
  readonly fix_hdop: number | null
  /** JSON of `LockSaid`. */
  readonly lock_said: string | null
  readonly length_metres: number | null
  readonly width_metres: number | null
  readonly height_metres: number | null
  readonly charger_kind: ChargerKind | null
  readonly charger_kilowatts: number | null
}

export async function bayOfLock(session: SqlSession, id: string): Promise<BayRow | undefined> {
  const rows = await session.query<BayRow>('SELECT * FROM platform_bays WHERE lock_id = ? AND listed = 1', [
    id,
  ])
  return rows[0]
}

export async function bay(session: SqlSession, id: string): Promise<BayRow | undefined> {
  const rows = await session.query<BayRow>('SELECT * FROM platform_bays WHERE bay_id = ? AND listed = 1', [
    id,
  ])
  return rows[0]
}

/** What decides whether a bay can be reserved, and what its lock is told then. */
export type ReservableBay = Pick<
  BayRow,
  'bay_id' | 'lock_id' | 'occupancy' | 'bolt' | 'in_service' | HealthColumn | FixColumn
>

export async function reservableBay(session: SqlSession, id: string): Promise<ReservableBay | undefined> {
  const rows = await session.query<ReservableBay>(
    `SELECT bay_id, lock_id, occupancy, bolt, in_service, lock_online, lock_fault, clock_ahead_ms,
       fix_latitude, fix_longitude, fix_at, fix_hdop
     FROM platform_bays WHERE bay_id = ? AND listed = 1`,
    [id],
  )
  return rows[0]
}

export type HealthColumn = 'lock_online' | 'lock_fault' | 'clock_ahead_ms'

/** A lock whose clock is wrong would take codes that are no longer good, or refuse those that are. */
export function lockHealth(row: Pick<BayRow, HealthColumn>): Space['lockHealth'] {
  if (!row.lock_online) return 'offline'
  return row.lock_fault === null && row.clock_ahead_ms === null ? 'ok' : 'fault'
}

type FixColumn = 'fix_latitude' | 'fix_longitude' | 'fix_at' | 'fix_hdop'

function fixPosition(row: Pick<BayRow, FixColumn>): { position: Position; atMs: number } | undefined {
  const { fix_latitude: latitude, fix_longitude: longitude, fix_at: atMs } = row
  if (latitude === null || longitude === null || atMs === null) return undefined
  return { position: { latitude, longitude }, atMs }
}

/** The newest fix of the bay's lock, as a reservation carries it (REQ-12, reading `reported`). */
export function reportedFix(row: Pick<BayRow, FixColumn>, nowMs: number): ReportedFix | undefined {
  const fix = fixPosition(row)
  if (!fix) return undefined
  const { latitude, longitude } = fix.position
  return {
    point: wgs84(latitude, longitude),
    ageSeconds: Math.max(0, nowMs - fix.atMs) / 1000,
    ...(row.fix_hdop !== null && { hdop: row.fix_hdop }),
  }
}

type SpaceRow = BayRow & { readonly reservation_state: string | null }

/** What a bay offers, as far as it is known. */
function equipment(row: BayRow): Pick<Space, 'size' | 'charger'> {
  const { length_metres: lengthMetres, width_metres: widthMetres, height_metres: heightMetres } = row
  const { charger_kind: kind, charger_kilowatts: powerKilowatts } = row
  return {
    ...(lengthMetres !== null &&
      widthMetres !== null && {
        size: { lengthMetres, widthMetres, ...(heightMetres !== null && { heightMetres }) },
      }),
    ...(kind !== null && powerKilowatts !== null && { charger: { kind, powerKilowatts } }),
  }
}

function space(row: SpaceRow): Space {
  const fix = fixPosition(row)
  return {
    bayId: row.bay_id,
    label: row.label,
    lockId: row.lock_id,
    location: { latitude: row.latitude, longitude: row.longitude },
    pricePerHourFen: row.price_per_hour_fen,
    ...equipment(row),
    occupancy: row.occupancy,
    reservation: reservationAxis(row.reservation_state),
    lockHealth: lockHealth(row),
    bolt: row.bolt,
    inService: row.in_service === 1,
    ...(row.clock_ahead_ms !== null && { lockClockAheadSeconds: row.clock_ahead_ms / 1000 }),
    ...(row.lock_said !== null && { lock: JSON.parse(row.lock_said) as LockSaid }),
    ...(fix && { lastFix: { location: fix.position, at: new Date(fix.atMs).toISOString() } }),
  }
}

/** That a reserved bay is occupied is said by the occupancy axis; the reservation stays unlocked meanwhile. */
function reservationAxis(state: string | null): Space['reservation'] {
  if (state === null) return 'none'
  return state === 'occupied' ? 'unlocked' : (state as Space['reservation'])
}

const SPACES = `SELECT b.*, r.state AS reservation_state FROM platform_bays b
  LEFT JOIN platform_reservations r ON r.bay_id = b.bay_id
    AND r.state IN ('held', 'accepted', 'code-issued', 'unlocked', 'occupied')
  WHERE b.listed = 1`

/** @param after the last bay that is known, in the order of the store */
export async function spacesFrom(session: SqlSession, after: string, most: number): Promise<Space[]> {
  const page = await session.query<SpaceRow>(`${SPACES} AND b.bay_id > ? ORDER BY b.bay_id LIMIT ?`, [
    after,
    most,
  ])
  return page.map(space)
}

/** The spaces that have changed by the transitions after one, up to another. */
export async function changedSpaces(
  session: SqlSession,
  after: number,
  upTo: number,
  most: number,
): Promise<Space[]> {
  const changed = await session.query<SpaceRow>(
    `${SPACES} AND b.bay_id IN (SELECT bay_id FROM platform_history WHERE sequence > ? AND sequence <= ?) LIMIT ?`,
    [after, upTo, most],
  )
  return changed.map(space)
}

export async function listSpaces(session: SqlSession): Promise<Space[]> {
  return (await session.query<SpaceRow>(`${SPACES} ORDER BY b.bay_id`)).map(space)
}

export async function getSpace(session: SqlSession, id: string): Promise<Space | undefined> {
  return (await session.query<SpaceRow>(`${SPACES} AND b.bay_id = ?`, [id])).map(space)[0]
}
