import type { EventLog } from '../ports/event-log.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'

export interface RemovalsParts {
  readonly name: string
  readonly store: SqlStore
  readonly log: EventLog
  readonly remove: (session: SqlSession, sequences: readonly number[]) => Promise<void>
  /** Wait before the n-th repetition, milliseconds of wall time. */
  readonly retryMs: (failures: number) => number
}

/** Struck out in one statement at most. */
const MOST_AT_ONCE = 32

/** Strikes delivered messages out of an outbox: those that wait at the same moment in one commit. */
export class Removals {
  readonly #waiting: { readonly sequence: number; readonly resolve: () => void }[] = []
  #running = false
  #closed = false
  #retry: { readonly timer: NodeJS.Timeout; readonly now: () => void } | undefined

  constructor(private readonly parts: RemovalsParts) {}

  /**
   * Resolves when the message is struck out. A store that cannot do so now is asked again until it can: else the
   * message would go out twice.
   */
  remove(sequence: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ sequence, resolve })
      if (!this.#running) void this.#run()
    })
  }

  /** What cannot be struck out at the next try stays. */
  close(): void {
    this.#closed = true
    this.#retry?.now()
  }

  async #run(): Promise<void> {
    const { store, remove } = this.parts
    this.#running = true
    for (let failures = 0; this.#waiting.length > 0;) {
      const batch = this.#waiting.splice(0, MOST_AT_ONCE)
      try {
        const sequences = batch.map(({ sequence }) => sequence)
        await store.transaction((session) => remove(session, sequences))
        failures = 0
      } catch (error) {
        if (!this.#closed) {
          this.#waiting.unshift(...batch)
          await this.#later(++failures, error)
          continue
        }
      }
      for (const { resolve } of batch) resolve()
    }
    this.#running = false
  }

  async #later(failures: number, error: unknown): Promise<void> {
    const { name, log, retryMs } = this.parts
    const reason = error instanceof Error ? error.message : String(error)
    log.record(`${name}-not-forgotten`, { reason, failures })
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, retryMs(failures))
      this.#retry = { timer, now: () => (clearTimeout(timer), resolve()) }
    })
    this.#retry = undefined
  }
}
