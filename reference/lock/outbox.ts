import type { SqlStore } from '../ports/sql-store.js'
import { LockRecords } from './lock-records.js'

/**
 * Sends what the lock has to say in the order in which it happened. Events wait in storage until the broker has
 * acknowledged them: neither a lost link nor a lost lock loses one. One may be sent twice; its id tells.
 */
export class Outbox {
  #pumping: Promise<void> | undefined
  #again = false
  #closed = false

  constructor(
    private readonly store: SqlStore,
    private readonly send: (event: string) => Promise<void>,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** There is something to send. */
  pump(): void {
    this.#again = true
    this.#pumping ??= this.#run().finally(() => {
      this.#pumping = undefined
      if (this.#again && !this.#closed) this.pump()
    })
  }

  /** Resolves when everything is sent, or cannot be. */
  async emptied(): Promise<void> {
    this.pump()
    await this.#pumping
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#pumping
  }

  async #run(): Promise<void> {
    const records = new LockRecords(this.store)
    try {
      while (this.#again && !this.#closed) {
        this.#again = false
        for (
          let next = await records.nextToSend();
          next && !this.#closed;
          next = await records.nextToSend()
        ) {
          await this.send(next.event)
          await records.sent(next.seq)
        }
      }
    } catch (error) {
      if (!this.#closed) this.onFault(error)
    }
  }
}
