import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlStore, SqlValue } from '../ports/sql-store.js'

/** Of each value of a column, so many of its newest rows are kept. */
export interface NewestKept {
  readonly of: string
  /** Numbers or times by which the newest are found. */
  readonly by: string
  readonly rows: number
}

/** How long the rows of a table are kept. */
export interface Kept {
  readonly days: number
  /** Milliseconds since the Unix epoch, of business time. */
  readonly since: string
  /** Rows come without that time; it is when they are first found. */
  readonly stamped?: boolean
  /** Its primary key. */
  readonly key: readonly string[]
  /** SQL: the rows that may go; all if not given. */
  readonly only?: string
  readonly newest?: NewestKept
  /** What is logged, with the count, when rows go that were still to be sent. */
  readonly reports?: string
}

/** A table that does not grow with what happens, and why. */
export interface Bounded {
  readonly boundedBy: string
}

/** All tables of a party. A table without an entry fails the party's test. */
export type RetentionList = Readonly<Record<string, Kept | Bounded>>

const DAY_MS = 86_400_000
/** How often rows are looked for that are too old, milliseconds of business time. */
const SWEEP_MS = 60_000
/** Rows that one statement removes: longer ones would hold up other requests. */
const SLICE = 500
/** Rows that may be written under one value before its old ones are looked for again. */
const NOTED_MOST = 1_000
/** How long the end waits for the store, milliseconds of wall time. */
const END_MS = 1_000

export interface RetentionParts {
  readonly store: SqlStore
  readonly clock: Clock
  readonly log: EventLog
  readonly tables: RetentionList
}

/** Removes what the list of a party does not keep. Nothing that it does holds up the party, or fails it. */
export class RetentionSweep {
  readonly #noted = new Map<string, number>()
  #sweptMs = -Infinity
  #running: Promise<void> = Promise.resolve()
  #closed = false

  constructor(private readonly parts: RetentionParts) {}

  /** To be called often, by one instance of those on a store: removes what is too old, once a minute of business time. */
  look(): void {
    const nowMs = this.parts.clock.now()
    if (Math.abs(nowMs - this.#sweptMs) < SWEEP_MS) return
    this.#sweptMs = nowMs
    this.#run(() => this.#sweep(nowMs))
  }

  /**
   * A row, or several, were written of which only the newest of each value are kept.
   * @param column such as `lock_id`; all tables that are kept by it are looked at now and then
   */
  wrote(column: string, value: string): void {
    const key = `${column}\n${value}`
    // The first of a run counts as many: a process that is restarted again and again removes all the same.
    const noted = (this.#noted.get(key) ?? NOTED_MOST - 1) + 1
    this.#noted.set(key, noted % NOTED_MOST)
    if (noted >= NOTED_MOST) this.#run(() => this.#trim(column, value))
  }

  /** Resolves when everything asked for so far has been done, or has failed and been logged. */
  settled(): Promise<void> {
    return this.#running
  }

  async close(): Promise<void> {
    this.#closed = true
    let timer: NodeJS.Timeout | undefined
    await Promise.race([this.#running, new Promise<void>((resolve) => (timer = setTimeout(resolve, END_MS)))])
    clearTimeout(timer)
  }

  #run(work: () => Promise<void>): void {
    this.#running = this.#running.then(work).catch((error: unknown) => {
      this.parts.log.record('retention-failed', {
        reason: error instanceof Error ? error.message : String(error),
      })
    })
  }

  async #sweep(nowMs: number): Promise<void> {
    const { store } = this.parts
    for (const [table, kept] of Object.entries(this.parts.tables)) {
      if ('boundedBy' in kept) continue
      if (kept.stamped) {
        await store.execute(`UPDATE ${table} SET ${kept.since} = ? WHERE ${kept.since} IS NULL`, [nowMs])
      }
      const removed = await this.#remove(table, kept, `${kept.since} < ?`, [nowMs - kept.days * DAY_MS])
      if (removed > 0 && kept.reports !== undefined)
        this.parts.log.record(kept.reports, { rows: removed, table })
    }
  }

  async #trim(column: string, value: string): Promise<void> {
    for (const [table, kept] of Object.entries(this.parts.tables)) {
      if ('boundedBy' in kept || kept.newest?.of !== column) continue
      const { by, rows } = kept.newest
      const [last] = await this.parts.store.query<{ at: number }>(
        `SELECT ${by} AS at FROM ${table} WHERE ${column} = ? ORDER BY ${by} DESC LIMIT 1 OFFSET ${rows}`,
        [value],
      )
      if (last) await this.#remove(table, kept, `${column} = ? AND ${by} <= ?`, [value, last.at])
    }
  }

  /** In slices, each a transaction of its own. @returns how many rows went */
  async #remove(table: string, kept: Kept, where: string, params: readonly SqlValue[]): Promise<number> {
    const key = kept.key.join(', ')
    const rows = `SELECT ${key} FROM ${table} WHERE ${where}${kept.only ? ` AND (${kept.only})` : ''} LIMIT ${SLICE}`
    let removed = 0
    while (!this.#closed) {
      const { rowsAffected } = await this.parts.store.execute(
        `DELETE FROM ${table} WHERE (${key}) IN (${rows})`,
        params,
      )
      removed += rowsAffected
      if (rowsAffected < SLICE) break
    }
    return removed
  }
}
