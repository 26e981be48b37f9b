import type { RunningParty } from '../../../reference/ports/party.js'
import type { SqlStore } from '../../../reference/ports/sql-store.js'
import { openStore } from './open-store.js'

/** A party that is reached over HTTP. */
export interface ServingParty extends RunningParty {
  readonly url: string
}

/** Starts a party on a store of its own, and closes both together. */
export async function onStore<P extends ServingParty>(
  storeUrl: string,
  start: (store: SqlStore) => Promise<P>,
): Promise<ServingParty> {
  const store = await openStore(storeUrl)
  try {
    const party = await start(store)
    return {
      url: party.url,
      close: async () => {
        await party.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
