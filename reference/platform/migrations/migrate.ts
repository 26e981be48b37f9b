import type { SqlStore } from '../../ports/sql-store.js'
import { reservations } from './0001-reservations.js'
import { lockSaid } from './0002-lock-said.js'
import type { Migration } from './migration.js'

const MIGRATIONS: readonly Migration[] = [reservations, lockSaid]

/** Thrown when the store holds the schema of a later release, which this one would damage. */
export class StoreIsNewer extends Error {
  override readonly name = 'StoreIsNewer'
  constructor(version: number, known: number) {
    super(
      `the store has platform schema ${version}, this release knows ${known}; run the release that wrote it`,
    )
  }
}

/**
 * Brings a store to the schema of this release: each migration once, each in one transaction.
 * @throws StoreIsNewer
 */
export async function migrate(store: SqlStore, nowMs: number): Promise<void> {
  await store.execute(
    `CREATE TABLE IF NOT EXISTS platform_schema_versions (
       version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)`,
  )
  for (const { version, name, statements } of MIGRATIONS) {
    await store.transaction(async (session) => {
      const applied = 'SELECT version FROM platform_schema_versions WHERE version = ?'
      if ((await session.query(applied, [version])).length > 0) return
      for (const statement of statements) await session.execute(statement)
      await session.execute('INSERT INTO platform_schema_versions VALUES (?, ?, ?)', [version, name, nowMs])
    })
  }
  const [newest] = await store.query<{ version: number }>(
    'SELECT MAX(version) AS version FROM platform_schema_versions',
  )
  const known = Math.max(...MIGRATIONS.map(({ version }) => version))
  if (newest && newest.version > known) throw new StoreIsNewer(newest.version, known)
}
