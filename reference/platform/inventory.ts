import { wgs84 } from '../domain/coordinates.js'
import { bayId, lockId } from '../domain/identifiers.js'
import type { SqlSession, SqlStore, SqlValue } from '../ports/sql-store.js'
import type { InventoryItem } from '../contracts/platform-api.js'

/** Thrown for an inventory that cannot be served. */
export class InventoryInvalid extends Error {
  override readonly name = 'InventoryInvalid'
}

const COLUMNS = [
  'bay_id',
  'label',
  'lock_id',
  'latitude',
  'longitude',
  'price_per_hour_fen',
  'length_metres',
  'width_metres',
  'height_metres',
  'charger_kind',
  'charger_kilowatts',
] as const

/** Bays that one statement writes: few enough for SQLite's limit of 32,766 values. */
const ROWS_A_STATEMENT = 500

const updates = COLUMNS.slice(1).map((column) => `${column} = excluded.${column}`)
/** A bay that says the same as before is left alone: nobody has to be told of it. */
const differs = COLUMNS.slice(1).map(
  (column) => `platform_bays.${column} IS DISTINCT FROM excluded.${column}`,
)

/** @throws MalformedIdentifier, CoordinateOutOfRange */
function values({ size, charger, ...item }: InventoryItem): SqlValue[] {
  const { latitude, longitude } = wgs84(item.location.latitude, item.location.longitude)
  return [
    bayId(item.bayId),
    item.label,
    lockId(item.lockId),
    latitude,
    longitude,
    item.pricePerHourFen,
    size?.lengthMetres ?? null,
    size?.widthMetres ?? null,
    size?.heightMetres ?? null,
    charger?.kind ?? null,
    charger?.powerKilowatts ?? null,
  ]
}

function requireOnce(inventory: readonly InventoryItem[]): void {
  for (const name of ['bayId', 'lockId'] as const) {
    const seen = new Set<string>()
    for (const item of inventory) {
      if (seen.has(item[name])) throw new InventoryInvalid(`the inventory names ${item[name]} twice`)
      seen.add(item[name])
    }
  }
}

/** @returns how many bays are new or other than before */
async function write(session: SqlSession, inventory: readonly InventoryItem[]): Promise<number> {
  const row = `(${COLUMNS.map(() => '?').join(', ')}, 1, 'unknown', 'unknown', 0)`
  let changed = 0
  for (let from = 0; from < inventory.length; from += ROWS_A_STATEMENT) {
    const items = inventory.slice(from, from + ROWS_A_STATEMENT)
    const { rowsAffected } = await session.execute(
      `INSERT INTO platform_bays (${COLUMNS.join(', ')}, listed, occupancy, bolt, lock_online)
       VALUES ${items.map(() => row).join(', ')}
       ON CONFLICT (bay_id) DO UPDATE SET ${updates.join(', ')}, listed = 1
       WHERE platform_bays.listed = 0 OR ${differs.join(' OR ')}`,
      items.flatMap(values),
    )
    changed += rowsAffected
  }
  return changed
}

async function nameEdition(
  session: SqlSession,
  edition: string,
  otherwise = 'DO UPDATE SET edition = excluded.edition',
): Promise<void> {
  await session.execute(
    `INSERT INTO platform_inventory (one, edition) VALUES (1, ?)
     ON CONFLICT (one) ${otherwise}`,
    [edition],
  )
}

/**
 * Makes the store's bays those of the inventory. What locks have said of a bay stays; a bay that is no longer in the
 * inventory is kept for its history, but not listed.
 * @param inventory undefined leaves the bays as they are
 * @param edition a name that no inventory of this store has had
 * @throws InventoryInvalid, MalformedIdentifier, CoordinateOutOfRange
 */
export async function loadInventory(
  store: SqlStore,
  inventory: readonly InventoryItem[] | undefined,
  edition: string,
): Promise<void> {
  if (!inventory) {
    await store.transaction((session) => nameEdition(session, edition, 'DO NOTHING'))
    return
  }
  requireOnce(inventory)
  const listed = new Set(inventory.map((item) => item.bayId))
  await store.transaction(async (session) => {
    const before = await session.query<{ bay_id: string }>(
      'SELECT bay_id FROM platform_bays WHERE listed = 1',
    )
    const gone = before.filter(({ bay_id }) => !listed.has(bay_id))
    for (const { bay_id } of gone) {
      await session.execute('UPDATE platform_bays SET listed = 0 WHERE bay_id = ?', [bay_id])
    }
    const changed = await write(session, inventory)
    const same = changed + gone.length === 0
    await nameEdition(session, edition, same ? 'DO NOTHING' : undefined)
  })
}

/**
 * Adds bays to the store, or changes those that it has; no other bay is touched.
 * @returns how many are new or other than before
 * @throws InventoryInvalid, MalformedIdentifier, CoordinateOutOfRange, ConstraintViolation for a lock of another bay
 */
export async function addToInventory(
  store: SqlStore,
  inventory: readonly InventoryItem[],
  edition: string,
): Promise<number> {
  requireOnce(inventory)
  return store.transaction(async (session) => {
    const changed = await write(session, inventory)
    if (changed > 0) await nameEdition(session, edition)
    return changed
  })
}
