import type { SqlStore } from '../../ports/sql-store.js'

const SCHEMA = `CREATE TABLE IF NOT EXISTS wechat_state (
  kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID`

/** Rows of one statement: few sizes, so that the store can keep its statements; SQLite takes 32,766 parameters. */
const ROWS_AT_ONCE = [64, 8, 1]

const upsert = (rows: number) =>
  `INSERT INTO wechat_state (kind, key, value) VALUES ${Array(rows).fill('(?, ?, ?)').join(', ')}
   ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value`
const UPSERTS = new Map(ROWS_AT_ONCE.map((rows) => [rows, upsert(rows)]))

/** Ends the present turn of the event loop: what other requests of the turn change is written with it. */
const turnEnded = () => new Promise<void>((resolve) => setImmediate(resolve))

interface Change {
  readonly kind: string
  readonly key: string
  /** None: it is gone. Written down when the transaction begins, so that many changes of one value cost one. */
  readonly value: object | undefined
}

/**
 * What the platform remembers, kept in a store. All changes of a moment are written in one transaction, and answers
 * wait for it: what an account or a phone was told is still so after a restart.
 */
export class Journal {
  #changes = new Map<string, Change>()
  #next: Promise<void> | undefined
  #last: Promise<void> = Promise.resolve()
  readonly #rows = new Map<string, Map<string, unknown>>()

  private constructor(private readonly store: SqlStore) {}

  /** @throws what the store throws */
  static async open(store: SqlStore): Promise<Journal> {
    await store.execute(SCHEMA)
    const journal = new Journal(store)
    const rows = await store.query<{ kind: string; key: string; value: string }>(
      'SELECT kind, key, value FROM wechat_state',
    )
    for (const { kind, key, value } of rows) {
      const found = journal.#rows.get(kind) ?? new Map<string, unknown>()
      journal.#rows.set(kind, found.set(key, JSON.parse(value)))
    }
    return journal
  }

  /** What the store had of a kind when it was opened; given once. */
  take(kind: string): Map<string, unknown> {
    const rows = this.#rows.get(kind) ?? new Map<string, unknown>()
    this.#rows.delete(kind)
    return rows
  }

  put(kind: string, key: string, value: object | undefined): void {
    this.#changes.set(`${kind} ${key}`, { kind, key, value })
  }

  /** Resolves when everything put so far is in the store. @throws what the store throws; the changes stay due */
  committed(): Promise<void> {
    if (this.#changes.size === 0) return this.#last
    this.#next ??= this.#last
      .catch(() => undefined)
      .then(turnEnded)
      .then(() => {
        this.#next = undefined
        this.#last = this.#write()
        return this.#last
      })
    return this.#next
  }

  async #write(): Promise<void> {
    const changes = this.#changes
    this.#changes = new Map()
    try {
      await this.store.transaction(async (session) => {
        const kept = [...changes.values()].filter(({ value }) => value !== undefined)
        let at = 0
        for (const [count, sql] of UPSERTS) {
          for (; kept.length - at >= count; at += count) {
            const rows = kept.slice(at, at + count)
            await session.execute(
              sql,
              rows.flatMap(({ kind, key, value }) => [kind, key, JSON.stringify(value)]),
            )
          }
        }
        for (const { kind, key, value } of changes.values()) {
          if (value === undefined) {
            await session.execute('DELETE FROM wechat_state WHERE kind = ? AND key = ?', [kind, key])
          }
        }
      })
    } catch (error) {
      this.#changes = new Map([...changes, ...this.#changes])
      throw error
    }
  }
}
