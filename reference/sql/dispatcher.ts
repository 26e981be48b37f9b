import type { EventLog } from '../ports/event-log.js'
import type { SqlStore } from '../ports/sql-store.js'

export interface DispatcherParts<Message> {
  readonly name: string
  readonly store: SqlStore
  readonly log: EventLog
  /** The next messages, in order. */
  readonly pending: (store: SqlStore) => Promise<Message[]>
  /** Resolves once the message needs no further delivery; rejects to have it tried again. */
  readonly deliver: (message: Message) => Promise<void>
  /** Forgets a message that needs no further delivery. */
  readonly remove: (store: SqlStore, message: Message) => Promise<void>
  /** Wait before the n-th repetition (n = 1 is the first), milliseconds of wall time. */
  readonly retryMs: (failures: number) => number
  /** Whether it is for this instance to send now: of several on a store, one does (`Duty`). */
  readonly onDuty: () => boolean
}

/**
 * Sends what the outbox holds, one message after the other, each until it is delivered: at least once, in order.
 * It looks when it is kicked, never on a timer, except to repeat what failed. Of several instances on a store only the
 * one on duty sends, or the order would be lost.
 */
export class Dispatcher<Message> {
  #running: Promise<void> | undefined
  #again = false
  #failures = 0
  #retry: NodeJS.Timeout | undefined
  #closed = false

  constructor(private readonly parts: DispatcherParts<Message>) {}

  /** Says that there may be something new. Resolves when the outbox is empty, or something in it failed. */
  kick(): Promise<void> {
    if (this.#closed || this.#retry || !this.parts.onDuty()) return Promise.resolve()
    this.#again = true
    this.#running ??= this.#run()
    return this.#running
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    await this.#running
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#closed && !this.#retry) {
      this.#again = false
      try {
        await this.#sendAll()
        this.#failures = 0
      } catch (error) {
        this.#repeatLater(error)
      }
    }
    // In the same turn as the loop's last look, or a kick in between would be lost.
    this.#running = undefined
  }

  async #sendAll(): Promise<void> {
    const { store, pending, deliver, remove, onDuty } = this.parts
    for (let batch = await pending(store); batch.length > 0; batch = await pending(store)) {
      for (const message of batch) {
        if (this.#closed || !onDuty()) return
        await deliver(message)
        await remove(store, message)
        this.#failures = 0
      }
    }
  }

  #repeatLater(error: unknown): void {
    if (this.#closed) return
    this.#failures++
    const retryMs = this.parts.retryMs(this.#failures)
    const reason = error instanceof Error ? error.message : String(error)
    this.parts.log.record(`${this.parts.name}-failed`, { reason, failures: this.#failures, retryMs })
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      void this.kick()
    }, retryMs)
  }
}
