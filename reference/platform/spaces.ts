import type { BoltPosition, LockSaid, Position, Space } from '../contracts/platform-api.js'
import type { ReportedFix } from '../domain/comparator.js'
import { wgs84 } from '../domain/coordinates.js'
import { bayId, lockId } from '../domain/identifiers.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'
import type { InventoryItem } from './platform-config.js'

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
  readonly fix_latitude: number | null
  readonly fix_longitude: number | null
  readonly fix_at: number | null
  readonly fix_hdop: number | null
  /** JSON of `LockSaid`. */
  readonly lock_said: string | null
}

/** Thrown for an inventory that cannot be served. */
export class InventoryInvalid extends Error {
  override readonly name = 'InventoryInvalid'
}

/**
 * Makes the store's bays those of the inventory. What locks have said of a bay stays; a bay that is no longer in the
 * inventory is kept for its history, but not listed.
 * @throws InventoryInvalid, MalformedIdentifier, CoordinateOutOfRange
 */
export async function loadInventory(store: SqlStore, inventory: readonly InventoryItem[]): Promise<void> {
  for (const ids of [inventory.map((item) => item.bayId), inventory.map((item) => item.lockId)]) {
    const twice = ids.find((id, i) => ids.indexOf(id) !== i)
    if (twice !== undefined) throw new InventoryInvalid(`the inventory names ${twice} twice`)
  }
  await store.transaction(async (session) => {
    await session.execute('UPDATE platform_bays SET listed = 0')
    for (const item of inventory) {
      const { latitude, longitude } = wgs84(item.location.latitude, item.location.longitude)
      await session.execute(
        `INSERT INTO platform_bays (bay_id, label, lock_id, latitude, longitude, price_per_hour_fen, listed,
           occupancy, bolt, lock_online)
         VALUES (?, ?, ?, ?, ?, ?, 1, 'unknown', 'unknown', 0)
         ON CONFLICT (bay_id) DO UPDATE SET label = excluded.label, lock_id = excluded.lock_id,
           latitude = excluded.latitude, longitude = excluded.longitude,
           price_per_hour_fen = excluded.price_per_hour_fen, listed = 1`,
        [bayId(item.bayId), item.label, lockId(item.lockId), latitude, longitude, item.pricePerHourFen],
      )
    }
  })
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

export function lockHealth(row: Pick<BayRow, 'lock_online' | 'lock_fault'>): Space['lockHealth'] {
  if (!row.lock_online) return 'offline'
  return row.lock_fault === null ? 'ok' : 'fault'
}

function fixPosition(row: BayRow): { position: Position; atMs: number } | undefined {
  const { fix_latitude: latitude, fix_longitude: longitude, fix_at: atMs } = row
  if (latitude === null || longitude === null || atMs === null) return undefined
  return { position: { latitude, longitude }, atMs }
}

/** The newest fix of the bay's lock, as a reservation carries it (REQ-12, reading `reported`). */
export function reportedFix(row: BayRow, nowMs: number): ReportedFix | undefined {
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

function space(row: SpaceRow): Space {
  const fix = fixPosition(row)
  return {
    bayId: row.bay_id,
    label: row.label,
    lockId: row.lock_id,
    location: { latitude: row.latitude, longitude: row.longitude },
    pricePerHourFen: row.price_per_hour_fen,
    occupancy: row.occupancy,
    reservation: reservationAxis(row.reservation_state),
    lockHealth: lockHealth(row),
    bolt: row.bolt,
    inService: row.in_service === 1,
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

export async function listSpaces(session: SqlSession): Promise<Space[]> {
  return (await session.query<SpaceRow>(`${SPACES} ORDER BY b.bay_id`)).map(space)
}

export async function getSpace(session: SqlSession, id: string): Promise<Space | undefined> {
  return (await session.query<SpaceRow>(`${SPACES} AND b.bay_id = ?`, [id])).map(space)[0]
}
