import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { openLibsqlStore } from '../../drivers/libsql/libsql-store.js'
import { RigUnavailable } from '../rig-errors.js'

/** The store that a URL names. @throws RigUnavailable for a kind that this version has no driver for */
export function openStore(url: string): Promise<SqlStore> {
  if (url.startsWith('libsql:')) return openLibsqlStore(url)
  throw new RigUnavailable(
    `the store ${url.split(':')[0]}: this version has no driver for it`,
    'use libsql:PATH',
  )
}
