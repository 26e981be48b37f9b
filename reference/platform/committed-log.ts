import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventLog } from '../ports/event-log.js'
import type { SqlStore } from '../ports/sql-store.js'

type Entry = Parameters<EventLog['record']>

/**
 * A store and a log that go together: what is logged inside a transaction is recorded once that is committed, and not
 * at all when it is rolled back, so that the log never tells of what has not happened.
 */
export function logWhatIsCommitted(parts: { readonly store: SqlStore; readonly log: EventLog }): {
  readonly store: SqlStore
  readonly log: EventLog
} {
  const uncommitted = new AsyncLocalStorage<Entry[]>()
  const { store, log } = parts
  return {
    log: {
      record(...entry) {
        const entries = uncommitted.getStore()
        if (entries) entries.push(entry)
        else log.record(...entry)
      },
    },
    store: {
      execute: (sql, params) => store.execute(sql, params),
      query: (sql, params) => store.query(sql, params),
      close: () => store.close(),
      async transaction(work) {
        let entries: Entry[] = []
        // Around the work alone: the store runs it when it will, with others', and perhaps again.
        const result = await store.transaction((session) => {
          entries = []
          return uncommitted.run(entries, () => work(session))
        })
        for (const entry of entries) log.record(...entry)
        return result
      },
    },
  }
}
