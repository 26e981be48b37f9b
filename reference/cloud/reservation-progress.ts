import type { PlatformEvent, PlatformEventType } from '../contracts/platform-api.js'
import type { PlanState, UnlockStep } from '../contracts/vehicle-link.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlTransaction, SqlStore } from '../ports/sql-store.js'
import { CloudStore, type Booking, type Progress, type User } from './cloud-store.js'
import type { OutgoingMessages } from './outgoing-messages.js'
import { PHRASES, type Phrases } from './phrases.js'
import type { PlatformClient } from './platform-client.js'
import { mayReplan, type Replanning } from './replanning.js'
import type { VehicleNews } from './vehicle-news.js'

interface Stage {
  readonly progress: Progress
  readonly plan?: PlanState
  /** Where the plan's state does not say it. */
  readonly unlockStep?: UnlockStep
  /** None where the next event says it: a user may get five messages after one of theirs, and a journey needs them. */
  readonly say?: (words: Phrases, event: PlatformEvent) => string
}

const STAGES: Readonly<Record<PlatformEventType, Stage>> = {
  'reservation-accepted': {
    progress: 'accepted',
    plan: 'reserved',
    say: (words, { bayId }) => words.accepted(bayId),
  },
  'reservation-refused': {
    progress: 'ended',
    plan: 'refused',
    say: (words, { bayId, reason }) => words.refusedByLock(bayId, reason ?? '?'),
  },
  'code-issued': { progress: 'coded', plan: 'reserved', unlockStep: 'code-sent' },
  'bay-unlocked': {
    progress: 'unlocked',
    plan: 'unlocked',
    say: (words, { bayId }) => words.unlocked(bayId),
  },
  'bay-occupied': { progress: 'parked', plan: 'parked', say: (words, { bayId }) => words.parked(bayId) },
  'bay-left': { progress: 'left', plan: 'ended' },
  'reservation-completed': {
    progress: 'ended',
    plan: 'ended',
    say: (words, { bayId }) => words.completed(bayId),
  },
  'reservation-cancelled': {
    progress: 'ended',
    plan: 'ended',
    say: (words, { bayId }) => words.cancelled(bayId),
  },
  'reservation-expired': {
    progress: 'ended',
    plan: 'ended',
    say: (words, { bayId }) => words.expired(bayId),
  },
}

export interface ProgressDeps {
  readonly sql: SqlStore
  readonly platform: PlatformClient
  readonly vehicles: VehicleNews
  readonly messages: OutgoingMessages
  readonly replanning: Replanning
  readonly log: EventLog
}

/** Whether the lock or an operator has taken the bay away from a driver who has not come yet. */
function fallsThrough({ type, reason }: PlatformEvent): boolean {
  return type === 'reservation-refused' || (type === 'reservation-cancelled' && reason === 'out-of-service')
}

type Taken =
  | { readonly told: true }
  /** The booking has fallen through, and another plan is due. */
  | { readonly replan: true }
  | { readonly ignored: string }

/** Thrown to take the event back: the platform holds a bay for a booking that has ended here. */
class HeldForNobody extends Error {
  override readonly name = 'HeldForNobody'
  constructor(readonly reservationId: string) {
    super('the platform holds a bay for a booking that has ended')
  }
}

/** Follows each reservation by the platform's events, and tells the car and the user. */
export class ReservationProgress {
  constructor(private readonly deps: ProgressDeps) {}

  /**
   * Resolves when the event is kept, and with it the news to the car and the user, whatever becomes of this process.
   * @throws PlatformFailed, and what the store throws; then nothing is kept, and the platform will send the event again
   */
  async take(event: PlatformEvent): Promise<void> {
    const { sql, log } = this.deps
    let taken: Taken
    try {
      taken = await sql.transaction((session) => this.#keep(session, event))
    } catch (error) {
      if (!(error instanceof HeldForNobody)) throw error
      return await this.#giveBack(error.reservationId, event)
    }
    if ('ignored' in taken) {
      const { eventId, type } = event
      log.record('platform-event-ignored', { eventId, type, reason: taken.ignored }, event.correlationId)
      return
    }
    log.record('platform-event', { type: event.type, bayId: event.bayId }, event.correlationId)
    void this.deps.vehicles.kick()
    void this.deps.messages.kick()
    if ('replan' in taken) void this.deps.replanning.kick()
  }

  /** The event is kept after that: as long as this fails it comes again. Cancelling twice answers the same. */
  async #giveBack(reservationId: string, event: PlatformEvent): Promise<void> {
    const { platform, sql, log } = this.deps
    const { eventId, correlationId = eventId } = event
    try {
      const answer = await platform.cancel(reservationId, correlationId)
      const found = 'refused' in answer ? { refused: answer.refused } : {}
      log.record('orphan-given-back', { reservationId, ...found }, correlationId)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.record('orphan-not-given-back', { reservationId, reason }, correlationId)
      throw error
    }
    await new CloudStore(sql).takeEvent(eventId)
  }

  async #keep(session: SqlTransaction, event: PlatformEvent): Promise<Taken> {
    const store = new CloudStore(session)
    if (!(await store.takeEvent(event.eventId))) return { ignored: 'repeated' }
    const { bayId, reservationId, correlationId } = event
    if (reservationId === undefined) return { ignored: 'without a reservation' }
    const booking = await store.bookingOf({ bayId, reservationId, correlationId })
    const user = booking && (await store.userOf(booking.userRef))
    if (!user) return { ignored: 'of no reservation of ours' }
    const ranOut = event.type === 'reservation-expired' && event.reason === undefined
    const moved =
      (ranOut && (await store.lapse(booking.planId))) ||
      (await store.advance(booking.planId, STAGES[event.type].progress))
    if (!moved) {
      // Looked at after that: it may have been given up, or cancelled by its user, a moment ago. Whether its id is known
      // says nothing: the answer that told it may have come too late, and who took it may have died.
      const isAccepted = event.type === 'reservation-accepted'
      if (isAccepted && !(await store.stands(booking.planId))) throw new HeldForNobody(reservationId)
      return { ignored: 'overtaken' }
    }
    if (booking.reservationId === null) await store.confirmBooking(booking.planId, reservationId)
    if (event.code !== undefined) await store.keepCode(booking.planId, event.code, event.symbology ?? 'qr')
    const replan = fallsThrough(event) && booking.active === 1 && mayReplan(booking)
    if (replan) await store.askForReplan(booking.planId, event.reason ?? '?')
    this.#tell(session, event, booking, user, replan)
    return replan ? { replan } : { told: true }
  }

  #tell(
    session: SqlTransaction,
    event: PlatformEvent,
    booking: Booking,
    user: User,
    /** The answer about the next plan tells of it. */
    replan: boolean,
  ): void {
    const { vehicles, messages } = this.deps
    const { plan, unlockStep, say } = STAGES[event.type]
    const { planId, vehicleId, correlationId } = booking
    if (plan !== undefined && vehicleId !== null) {
      const step = unlockStep === undefined ? {} : { unlockStep }
      vehicles.post(session, vehicleId, { type: 'plan-state', planId, state: plan, ...step }, correlationId)
    }
    if (event.code !== undefined) {
      const { code, symbology = 'qr' } = event
      messages.post(session, user.openid, { kind: 'code', code, symbology }, correlationId)
    }
    // A user may get five messages after one of theirs: the one about the second plan takes the place of this one.
    const instead = (booking.search?.without.length ?? 0) > 0
    if (say && !replan && !(instead && event.type === 'reservation-accepted')) {
      const content = say(PHRASES[user.language], event)
      messages.post(session, user.openid, { kind: 'text', content }, correlationId)
    }
  }
}
