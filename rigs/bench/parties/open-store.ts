import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { RigUnavailable } from '../rig-errors.js'

/** What a store's URL may begin with. */
export const STORE_SCHEMES = ['libsql', 'postgres', 'postgresql'] as const

/**
 * The store that a URL names; only its driver is loaded.
 * @throws StoreUnavailable, and RigUnavailable for a kind that there is no driver for
 */
export async function openStore(url: string): Promise<SqlStore> {
  if (url.startsWith('libsql:')) {
    return (await import('../../drivers/libsql/libsql-store.js')).openLibsqlStore(url)
  }
  if (/^postgres(ql)?:/.test(url)) {
    return (await import('../../drivers/postgres/postgres-store.js')).openPostgresStore(url)
  }
  throw new RigUnavailable(
    `the store ${url.split(':')[0]}: there is no driver for it`,
    'use libsql:PATH or postgres://USER:PASSWORD@HOST/DATABASE?schema=NAME',
  )
}
