import { randomBytes } from 'node:crypto'
import type { SqlStore } from '../../reference/ports/sql-store.js'
import { openLibsqlStore } from '../drivers/libsql/libsql-store.js'
import { openPostgresStore } from '../drivers/postgres/postgres-store.js'

/** Names a PostgreSQL database, in which the tests of the parties then run instead of in memory. */
export const TEST_POSTGRES = 'LOCKSTEP_TEST_POSTGRES'

/** An empty store for a test of a party: libsql in memory, or a fresh schema where `LOCKSTEP_TEST_POSTGRES` points. */
export function openTestStore(): Promise<SqlStore> {
  const postgres = process.env[TEST_POSTGRES]
  if (postgres === undefined) return openLibsqlStore('libsql::memory:')
  const url = new URL(postgres)
  url.searchParams.set('schema', `test_${randomBytes(8).toString('hex')}`)
  return openPostgresStore(url.href)
}
