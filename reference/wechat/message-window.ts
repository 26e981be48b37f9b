import type { ApiRefusal } from './api-error.js'

/** What a user did that lets the account write to them: how many messages, for how long. */
const ALLOWANCES = {
  message: { count: 5, lifeMs: 48 * 3_600_000 },
  subscribe: { count: 3, lifeMs: 60_000 },
  scan: { count: 3, lifeMs: 60_000 },
} as const

export type Contact = keyof typeof ALLOWANCES

/** Customer-service messages that an account may still send one user. A new contact of a kind renews its allowance. */
export class MessageWindow {
  readonly #open = new Map<Contact, { left: number; until: number }>()

  renew(contact: Contact, nowMs: number): void {
    const { count, lifeMs } = ALLOWANCES[contact]
    this.#open.set(contact, { left: count, until: nowMs + lifeMs })
  }

  /** Ends every allowance, as unsubscribing does. */
  shut(): void {
    this.#open.clear()
  }

  /** Takes one message from the allowance that ends first, or says why there is none. */
  take(nowMs: number): 'taken' | ApiRefusal {
    const open = [...this.#open.values()]
      .filter(({ until }) => nowMs < until)
      .sort((a, b) => a.until - b.until)
    if (open.length === 0) return { errcode: 45015 }
    const allowance = open.find(({ left }) => left > 0)
    if (!allowance) return { errcode: 45047 }
    allowance.left -= 1
    return 'taken'
  }
}
