import type { EventLog } from '../ports/event-log.js'
import type { SqlStore } from '../ports/sql-store.js'
import type { Booking as Bookings } from './booking.js'
import { bookingAnswer } from './booking-answer.js'
import { CloudStore, type Booking } from './cloud-store.js'
import type { OutgoingMessages } from './outgoing-messages.js'
import type { Answer } from './passive-reply.js'
import { PHRASES } from './phrases.js'
import { PlatformFailed } from './platform-client.js'
import type { Search } from './search.js'

/** After so many bays of one search have fallen through, the user is asked rather than driven about. */
const MOST_REPLANS = 2

/** Whether another plan is made for a booking that falls through; never for a bay that the user named. */
export function mayReplan({ search }: Pick<Booking, 'search'>): boolean {
  return search !== undefined && search.without.length < MOST_REPLANS
}

export interface ReplanningDeps {
  readonly sql: SqlStore
  readonly booking: Pick<Bookings, 'reserveNear'>
  readonly messages: OutgoingMessages
  readonly log: EventLog
  readonly holdSeconds: number
  /** Whether this instance speaks for all: two must not plan anew for the same user. */
  readonly onDuty: () => boolean
}

/**
 * Makes another plan for a booking that a lock or an operator has refused. That one is due is committed with the
 * refusal and taken back with the answer to the user, so that a cloud that dies in between makes it when it is back.
 */
export class Replanning {
  #running: Promise<void> = Promise.resolve()
  #queued = false

  constructor(private readonly deps: ReplanningDeps) {}

  /** Deals with what is due; resolves when that is done. */
  kick(): Promise<void> {
    if (this.#queued) return this.#running
    this.#queued = true
    this.#running = this.#running
      .then(() => {
        this.#queued = false
        return this.#all()
      })
      .catch((error: unknown) => {
        // What is due stays so for the next look.
        const reason = error instanceof Error ? error.message : String(error)
        this.deps.log.record('replanning-failed', { reason })
      })
    return this.#running
  }

  settled(): Promise<void> {
    return this.#running
  }

  async #all(): Promise<void> {
    if (!this.deps.onDuty()) return
    for (const due of await new CloudStore(this.deps.sql).dueReplans()) await this.#one(due, due.replanReason)
  }

  async #one(fallen: Booking, reason: string): Promise<void> {
    const { sql, messages, log } = this.deps
    const { planId, bayId, correlationId, search } = fallen
    const user = await new CloudStore(sql).userOf(fallen.userRef)
    if (!user || !search) return
    const words = PHRASES[user.language]
    const answer = await this.#another(
      user,
      { ...search, without: [...search.without, bayId] },
      correlationId,
    )
    const told = words.insteadOf(bayId, reason, typeof answer === 'string' ? answer : answer.title)
    await sql.transaction(async (session) => {
      if (!(await new CloudStore(session).replanDone(planId))) return
      const news =
        typeof answer === 'string'
          ? ({ kind: 'text', content: told } as const)
          : ({ kind: 'card', card: { ...answer, title: told } } as const)
      messages.post(session, user.openid, news, correlationId)
    })
    log.record('replanned', { planId, bayId, reason }, correlationId)
    await messages.kick()
  }

  async #another(
    user: Parameters<Bookings['reserveNear']>[0],
    search: Search,
    correlationId: string,
  ): Promise<Answer> {
    const words = PHRASES[user.language]
    try {
      const outcome = await this.deps.booking.reserveNear(user, search, correlationId)
      return bookingAnswer(outcome, search.name, words, this.deps.holdSeconds)
    } catch (error) {
      if (!(error instanceof PlatformFailed)) throw error
      return words.trouble
    }
  }
}
