import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

/** A store for one party in one scenario: empty, and gone with it. */
export interface FreshStore {
  readonly url: string
  remove(): Promise<void>
}

/**
 * @param profileUrl the profile's store; with PostgreSQL each fresh store is a schema of its own in that database
 * @param folder where a libsql file may be put; it goes with the scenario
 */
export function freshStore(profileUrl: string, party: string, folder: string): FreshStore {
  if (!/^postgres(ql)?:/.test(profileUrl)) {
    return { url: `libsql:${join(folder, `${party}.db`)}`, remove: async () => undefined }
  }
  const url = new URL(profileUrl)
  url.searchParams.set('schema', `lockstep_${party}_${randomBytes(6).toString('hex')}`)
  return {
    url: url.href,
    remove: async () => {
      const { dropPostgresSchema } = await import('../../drivers/postgres/postgres-store.js')
      await dropPostgresSchema(url.href)
    },
  }
}
