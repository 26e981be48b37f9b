import type { EventLog } from '../ports/event-log.js'
import type { CloudStore } from './cloud-store.js'

/** WeChat waits no longer for the answer to a push, wall milliseconds: after that nothing can overtake it. */
const LONGEST_MS = 5_000

interface Held {
  readonly since: number
  readonly answered: () => void
}

export interface HeldPushesDeps {
  readonly store: Pick<CloudStore, 'pushesHeldElsewhere' | 'letPushGo'>
  readonly log: EventLog
  /** Wall time. */
  readonly monotonicMs?: () => number
}

/** Which users' pushes other instances are answering: messages to those wait, so that none overtakes the answer. */
export class HeldPushes {
  readonly #held = new Map<string, Held>()
  #looking: Promise<void> | undefined
  #lookAgain = false
  #closed = false

  constructor(private readonly deps: HeldPushesDeps) {}

  /** Whether a push is waited for. */
  get any(): boolean {
    return this.#held.size > 0
  }

  /** Holds the users of what is in hand elsewhere, and lets those go whose push has been answered. */
  look(hold: (openid: string, until: Promise<void>) => void): Promise<void> {
    this.#lookAgain = true
    this.#looking ??= this.#run(hold)
    return this.#looking
  }

  close(): void {
    this.#closed = true
    for (const { answered } of this.#held.values()) answered()
    this.#held.clear()
  }

  async #run(hold: (openid: string, until: Promise<void>) => void): Promise<void> {
    while (this.#lookAgain && !this.#closed) {
      this.#lookAgain = false
      try {
        await this.#look(hold)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.deps.log.record('held-pushes-unreadable', { reason })
      }
    }
    this.#looking = undefined
  }

  async #look(hold: (openid: string, until: Promise<void>) => void): Promise<void> {
    const { store, monotonicMs = () => performance.now() } = this.deps
    const elsewhere = await store.pushesHeldElsewhere()
    const now = monotonicMs()
    const open = new Set(elsewhere.map(({ key }) => key))
    for (const { key, openid } of elsewhere) {
      if (this.#held.has(key) || this.#closed) continue
      hold(openid, new Promise((answered) => this.#held.set(key, { since: now, answered })))
    }
    for (const [key, { since, answered }] of this.#held) {
      const isLate = now - since >= LONGEST_MS
      // Its instance has died over it.
      if (isLate && open.has(key)) await store.letPushGo(key)
      if (!isLate && open.has(key)) continue
      this.#held.delete(key)
      answered()
    }
  }
}
