import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { SqlStore } from '../ports/sql-store.js'
import { Dispatcher, type DispatcherParts, type Page } from './dispatcher.js'
import type { Outgoing } from './lanes.js'

export interface Logged {
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** An outbox whose n-th message has the n-th key. */
export async function outbox(keys: readonly string[]): Promise<SqlStore> {
  const store = await openTestStore()
  await store.execute('CREATE TABLE outbox (sequence BIGINT PRIMARY KEY, key TEXT NOT NULL)')
  await store.transaction(async (session) => {
    for (const [n, key] of keys.entries()) {
      await session.execute('INSERT INTO outbox VALUES (?, ?)', [n + 1, key])
    }
  })
  return store
}

const rows = (store: SqlStore) => store.query<Outgoing>('SELECT sequence, key FROM outbox ORDER BY sequence')

/** An instance that can be killed: from then on it reaches neither the store nor anybody else. */
export function instance(store: SqlStore, parts: Partial<DispatcherParts<Outgoing>>) {
  let dead = false
  const never = () => new Promise<never>(() => undefined)
  const log: Logged[] = []
  const dispatcher = new Dispatcher<Outgoing>({
    name: 'test',
    log: { record: (event, fields = {}) => void log.push({ event, fields }) },
    pending: (session, { after, upTo, most, key }: Page) =>
      session.query<Outgoing>(
        `SELECT sequence, key FROM outbox WHERE sequence > ? AND sequence <= ? AND (? = '' OR key = ?)
         ORDER BY sequence LIMIT ?`,
        [after, upTo ?? Number.MAX_SAFE_INTEGER, key ?? '', key ?? '', most],
      ),
    remove: async (session, sequences) => {
      for (const sequence of sequences) {
        await session.execute('DELETE FROM outbox WHERE sequence = ?', [sequence])
      }
    },
    deliver: async () => 'done',
    retryMs: () => 1,
    onDuty: () => true,
    ...parts,
    store: {
      execute: (sql, params) => (dead ? never() : store.execute(sql, params)),
      query: (sql, params) => (dead ? never() : store.query(sql, params)),
      transaction: (work) => (dead ? never() : store.transaction(work)),
      close: async () => undefined,
    },
  })
  return { dispatcher, log, kill: () => void (dead = true), isDead: () => dead, never }
}

/** Deliveries, and a way to wait for the n-th. */
export function receiver() {
  const got: Outgoing[] = []
  const waiting: { readonly n: number; readonly resolve: () => void }[] = []
  return {
    got,
    take: (message: Outgoing) => {
      got.push(message)
      for (const { n, resolve } of waiting) if (got.length >= n) resolve()
    },
    reaches: (n: number) =>
      got.length >= n ? Promise.resolve() : new Promise<void>((resolve) => void waiting.push({ n, resolve })),
  }
}

/** Resolves when nothing waits any more. */
export async function emptied(store: SqlStore): Promise<void> {
  const deadline = performance.now() + 20_000
  while ((await rows(store)).length > 0) {
    if (performance.now() > deadline) throw new Error('the outbox is never empty')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
