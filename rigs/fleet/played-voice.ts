import type { LockEvent, LockEventBody } from '../../reference/contracts/lock-link.js'
import type { PlayedLockDeps } from './played-lock-config.js'

/** What a played lock says: one event after the other, each acknowledged before the next, for order is part of the contract. */
export class PlayedVoice {
  #sending: Promise<void> = Promise.resolve()
  #closed = false

  /** @param send resolves when the broker has acknowledged */
  constructor(
    private readonly deps: PlayedLockDeps,
    private readonly send: (event: string) => Promise<void>,
  ) {}

  say(body: LockEventBody, correlationId?: string): void {
    const event: LockEvent = {
      id: this.deps.newId(),
      at: new Date(this.deps.now()).toISOString(),
      ...(correlationId !== undefined && { correlationId }),
      ...body,
    }
    this.deps.onEvent?.(event)
    const text = JSON.stringify(event)
    this.#sending = this.#sending
      .then(() => this.send(text))
      .catch((error: unknown) => {
        if (!this.#closed) this.deps.onFault?.(error)
      })
  }

  /** Nothing more is said; resolves when everything has been. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#sending
  }
}
