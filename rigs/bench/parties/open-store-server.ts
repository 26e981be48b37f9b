import { openStore } from './open-store.js'
import { RigUnavailable } from '../rig-errors.js'

/** The store of a run: where it is, and what it is, for the attestation. */
export interface StoreServer {
  readonly url: string
  readonly kind: string
  close(): Promise<void>
}

/** Without a host: Debian's own, started for the run. */
const DEBIANS_OWN = /^postgres(ql)?:$/

/**
 * What a profile's store URL leads to: `postgres:` starts Debian's PostgreSQL for the run, anything else is there; a
 * server is asked once, so that no scenario fails for it.
 * @throws RigUnavailable, StoreUnavailable
 */
export async function openStoreServer(url: string): Promise<StoreServer> {
  if (!DEBIANS_OWN.test(url)) {
    if (url.startsWith('libsql:'))
      return { url, kind: 'libsql, a file for each party', close: async () => undefined }
    await (await openStore(url)).close()
    return { url, kind: 'PostgreSQL', close: async () => undefined }
  }
  const { startPostgresServer } = await import('../../debian-services/postgres-server.js')
  try {
    const server = await startPostgresServer()
    return { url: server.url('lockstep'), kind: 'PostgreSQL of Debian', close: () => server.close() }
  } catch (cause) {
    throw new RigUnavailable(
      `the store postgres: cannot be started (${cause instanceof Error ? cause.message : String(cause)})`,
      'apt-get install postgresql, name a server with postgres://…, or use libsql:',
    )
  }
}
