import type { LockStatus } from '../contracts/lock-link.js'

/** Publishes the lock's status: the newest wins, and what is already told is not told again. */
export class StatusBoard {
  #told: string | undefined
  #telling: Promise<void> | undefined
  #stale = false
  #closed = false

  constructor(
    private readonly current: () => LockStatus,
    private readonly send: (status: LockStatus) => Promise<void>,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** Something may have changed. */
  refresh(): void {
    this.#stale = true
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = undefined
      if (this.#stale && !this.#closed) this.refresh()
    })
  }

  /** The broker may have put our last will in its place: tell it again. */
  repeat(): void {
    this.#told = undefined
    this.refresh()
  }

  /** Resolves when the broker has acknowledged the newest status, or cannot be told. */
  async told(): Promise<void> {
    this.refresh()
    await this.#telling
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#telling
  }

  async #tell(): Promise<void> {
    try {
      while (this.#stale && !this.#closed) {
        this.#stale = false
        const status = this.current()
        const text = JSON.stringify(status)
        if (text === this.#told) continue
        this.#told = text
        await this.send(status)
      }
    } catch (error) {
      this.#told = undefined
      if (!this.#closed) this.onFault(error)
    }
  }
}
