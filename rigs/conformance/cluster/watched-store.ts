import type { LockEvent } from '../../../reference/contracts/lock-link.js'
import type { SqlStore } from '../../../reference/ports/sql-store.js'

/** A lock's storage that tells each event which the lock has committed, whatever becomes of it on its way. */
export function watchedLockStore(store: SqlStore, onEvent: (event: LockEvent) => void): SqlStore {
  return {
    execute: (sql, params) => store.execute(sql, params),
    query: (sql, params) => store.query(sql, params),
    close: () => store.close(),
    async transaction(work) {
      const events: LockEvent[] = []
      const result = await store.transaction((session) =>
        work({
          query: (sql, params) => session.query(sql, params),
          write: (sql, params) => session.write(sql, params),
          execute: (sql, params) => {
            if (/INSERT INTO lock_outbox/.test(sql)) events.push(JSON.parse(String(params?.[0])) as LockEvent)
            return session.execute(sql, params)
          },
        }),
      )
      for (const event of events) onEvent(event)
      return result
    },
  }
}
