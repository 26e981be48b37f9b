import type { EventLog } from '../ports/event-log.js'
import type { Booking } from './booking.js'
import type { CloudStore, UnansweredBooking } from './cloud-store.js'
import type { OutgoingMessages } from './outgoing-messages.js'
import { PHRASES } from './phrases.js'

export interface BookingResumptionDeps {
  readonly store: CloudStore
  readonly booking: Booking
  readonly messages: OutgoingMessages
  readonly log: EventLog
  /** After so long without an answer nobody is waiting for one any more, milliseconds of wall time. */
  readonly abandonedAfterMs: number
  /** Wall time. */
  readonly monotonicMs?: () => number
}

/** How often the store is looked through, wall milliseconds. */
const LOOK_EVERY_MS = 1_000

/** Sees to bookings whose instance died before it had the platform's answer. */
export class BookingResumption {
  /** Since when a booking has been seen without an answer, by plan. */
  #seen = new Map<string, number>()
  #lookedAt = -Infinity
  #working: Promise<void> = Promise.resolve()

  constructor(private readonly deps: BookingResumptionDeps) {}

  /** What the last run of this instance left: it is dead, so there is nothing to wait for. */
  resume(unanswered: readonly UnansweredBooking[]): void {
    this.#work(() => this.#see(unanswered))
  }

  /** To be called often by the instance on duty: sees to what others have abandoned. */
  look(): void {
    const now = this.#now
    if (now - this.#lookedAt < LOOK_EVERY_MS) return
    this.#lookedAt = now
    this.#work(async () => {
      const unanswered = await this.deps.store.unansweredBookings()
      const since = ({ booking: { planId } }: UnansweredBooking) => this.#seen.get(planId) ?? now
      const abandoned = unanswered.filter((one) => now - since(one) >= this.deps.abandonedAfterMs)
      this.#seen = new Map(unanswered.map((one) => [one.booking.planId, since(one)]))
      await this.#see(abandoned)
    })
  }

  /** Resolves when what is under way has ended. */
  settled(): Promise<void> {
    return this.#working
  }

  get #now(): number {
    return (this.deps.monotonicMs ?? (() => performance.now()))()
  }

  #work(work: () => Promise<void>): void {
    this.#working = this.#working.then(work).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      this.deps.log.record('resuming-failed', { reason })
    })
  }

  /** Users who get nothing for their request are told so. */
  async #see(unanswered: readonly UnansweredBooking[]): Promise<void> {
    const { store, booking, messages } = this.deps
    for (const { booking: lost, reason } of await booking.resume(unanswered)) {
      const user = await store.userOf(lost.userRef)
      if (!user) continue
      const words = PHRASES[user.language]
      const text = reason === 'taken' ? words.bayTaken(lost.bayId, undefined) : words.trouble
      messages.sendText(user.openid, text, lost.correlationId)
    }
  }
}
