import type { ApiRefusal } from '../api/api-error.js'

/** What a user did that lets the account write to them: how many messages, for how long. */
const ALLOWANCES = {
  message: { count: 5, lifeMs: 48 * 3_600_000 },
  menu: { count: 3, lifeMs: 60_000 },
  subscribe: { count: 3, lifeMs: 60_000 },
  scan: { count: 3, lifeMs: 60_000 },
} as const

export type Contact = keyof typeof ALLOWANCES

/** Customer-service messages that an account may still send one user: by contact, how many and until when. */
export type MessageWindow = { [contact in Contact]?: { left: number; readonly until: number } }

/** A new contact of a kind renews its allowance. */
export function renewWindow(window: MessageWindow, contact: Contact, nowMs: number): void {
  const { count, lifeMs } = ALLOWANCES[contact]
  window[contact] = { left: count, until: nowMs + lifeMs }
}

/** Takes one message from the allowance that ends first, or says why there is none. */
export function takeFromWindow(window: MessageWindow, nowMs: number): 'taken' | ApiRefusal {
  const open = Object.values(window)
    .filter(({ until }) => nowMs < until)
    .sort((a, b) => a.until - b.until)
  if (open.length === 0) return { errcode: 45015 }
  const allowance = open.find(({ left }) => left > 0)
  if (!allowance) return { errcode: 45047 }
  allowance.left -= 1
  return 'taken'
}
