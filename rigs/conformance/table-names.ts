import type { SqlStore } from '../../reference/ports/sql-store.js'
import { TEST_POSTGRES } from './test-store.js'

/** The tables of a store of `openTestStore`. */
export async function tableNames(store: SqlStore): Promise<string[]> {
  const query =
    process.env[TEST_POSTGRES] === undefined
      ? `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`
      : `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY name`
  return (await store.query<{ name: string }>(query)).map(({ name }) => name)
}
