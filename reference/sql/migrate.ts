import type { SqlStore } from '../ports/sql-store.js'
import type { Migration } from './migration.js'

/** Thrown when the store holds the schema of a later release, which this one would damage. */
export class StoreIsNewer extends Error {
  override readonly name = 'StoreIsNewer'
  constructor(party: string, version: number, known: number) {
    super(
      `the store has ${party} schema ${version}, this release knows ${known}; run the release that wrote it`,
    )
  }
}

/** Thrown when the store has lost what no party ever deletes. */
export class StoreDamaged extends Error {
  override readonly name = 'StoreDamaged'
  constructor(lost: string) {
    super(`the store has lost ${lost}; was it edited by hand? Restore it from a copy`)
  }
}

/**
 * Brings a party's tables in a store to the schema of this release: each migration once, all in one transaction, so
 * that several instances may start at the same time.
 * @param party prefix of its tables
 * @throws StoreIsNewer, StoreDamaged
 */
export async function migrate(
  store: SqlStore,
  party: string,
  migrations: readonly Migration[],
  nowMs: number,
): Promise<void> {
  const known = Math.max(...migrations.map(({ version }) => version))
  await store.transaction(async (session) => {
    const table = `${party}_schema_versions`
    await session.execute(
      `CREATE TABLE IF NOT EXISTS ${table} (
         version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)`,
    )
    const applied = new Set(
      (await session.query<{ version: number }>(`SELECT version FROM ${table}`)).map(
        ({ version }) => version,
      ),
    )
    const newest = Math.max(0, ...applied)
    if (newest > known) throw new StoreIsNewer(party, newest, known)
    for (const { version, name, statements } of migrations) {
      if (applied.has(version)) continue
      for (const statement of statements) await session.execute(statement)
      await session.execute(`INSERT INTO ${table} VALUES (?, ?, ?)`, [version, name, nowMs])
    }
    // Rows would be written without a number: see numbered-rows.ts.
    const counter = await session.query(`SELECT value FROM ${party}_sequences WHERE name = 'messages'`)
    if (counter.length === 0) throw new StoreDamaged(`the row "messages" of ${party}_sequences`)
  })
}
