import type { ReservationRequest } from '../contracts/platform-api.js'
import { gcj02, type Wgs84Point } from '../domain/coordinates.js'
import {
  walkMinutes,
  type ParkingCandidate,
  type ParkingPlan,
  type PlanReason,
  type UnmetCounts,
} from '../domain/parking-plan.js'
import type { EventLog } from '../ports/event-log.js'
import { CloudStore, type UnansweredBooking, type User } from './cloud-store.js'
import type { LiveSpaces } from './live-spaces.js'
import { planningLimits } from './planning-wishes.js'
import type { PlatformClient } from './platform-client.js'
import type { SqlStore } from '../ports/sql-store.js'
import type { Search } from './search.js'
import type { VehicleNews } from './vehicle-news.js'

export interface BookingDeps {
  readonly platform: PlatformClient
  readonly spaces: LiveSpaces
  readonly vehicles: VehicleNews
  readonly sql: SqlStore
  readonly store: CloudStore
  readonly log: EventLog
  readonly newId: () => string
  readonly holdSeconds: number
  /** Name of this instance. */
  readonly instance: string
}

export interface Booked {
  readonly bay: string
  readonly location: Wgs84Point
  /** Metres from the place that was asked for; none when the user named the bay. */
  readonly walkMetres: number | undefined
  readonly pricePerHourFen: number
  readonly reason: PlanReason | undefined
  readonly charger: ParkingCandidate['charger']
}

export type BookingOutcome =
  | { readonly booked: Booked }
  | { readonly refused: 'no-space-in-reach'; readonly unmet: UnmetCounts }
  | { readonly refused: 'taken-everywhere' }
  | { readonly refused: 'already-reserved'; readonly bay: string }
  | { readonly refused: 'bay-taken'; readonly other: string | undefined }
  | { readonly refused: 'bay-unknown' }
  /** By the user, say, while the platform was still answering. */
  | { readonly refused: 'ended-meanwhile'; readonly bay: string }

/** As the vehicle link carries it. */
const MAX_ETA_MINUTES = 254

/** How many spaces are asked for when the platform refuses one after the other: WeChat waits for an answer. */
const ATTEMPTS = 3

type Attempt =
  'reserved' | 'taken' | { readonly refused: 'already-reserved' | 'ended-meanwhile'; readonly bay: string }

/** What a booking is made of: a plan, or a bay that the user named, to which no walk is known. */
type Wanted = Pick<ParkingPlan, 'space'> & Partial<Pick<ParkingPlan, 'walkMetres' | 'reason'>>

function booked({ space, walkMetres, reason }: Wanted): BookingOutcome {
  const { bayId: bay, location, pricePerHourFen, charger } = space
  const metres = walkMetres === undefined ? undefined : Math.round(walkMetres)
  return { booked: { bay, location, walkMetres: metres, pricePerHourFen, reason, charger } }
}

/** Plans and reserves at the same moment (REQ-10). */
export class Booking {
  constructor(private readonly deps: BookingDeps) {}

  /**
   * The best space near a place. When the platform refuses it, because another was quicker, the next best by what is
   * known then, and so on a few times. @throws PlatformFailed
   */
  async reserveNear(user: User, search: Search, correlationId: string): Promise<BookingOutcome> {
    const active = await this.deps.store.activeBooking(user.userRef)
    if (active) return { refused: 'already-reserved', bay: active.bayId }
    const place = gcj02(search.latitude, search.longitude)
    const limits = planningLimits(search.wishes, user.vehicleSize)
    const tried = new Set<string>()
    while (tried.size < ATTEMPTS) {
      const { index } = await this.deps.spaces.now(correlationId)
      const result = index.plan(place, limits, new Set([...search.without, ...tried]))
      if ('refused' in result) return tried.size > 0 ? { refused: 'taken-everywhere' } : result
      const attempt = await this.#attempt(user, result.plan, search, correlationId)
      if (attempt === 'reserved') return booked(result.plan)
      if (attempt !== 'taken') return attempt
      tried.add(result.plan.space.bayId)
    }
    return { refused: 'taken-everywhere' }
  }

  /** A bay that the user named. Another is only proposed: nobody asked for it. @throws PlatformFailed */
  async reserveBay(user: User, bay: string, correlationId: string): Promise<BookingOutcome> {
    const active = await this.deps.store.activeBooking(user.userRef)
    if (active) return { refused: 'already-reserved', bay: active.bayId }
    const { index, byName } = await this.deps.spaces.now(correlationId)
    const space = byName.get(bay.toLowerCase())
    if (!space) return { refused: 'bay-unknown' }
    const attempt = index.isFree(space.bayId)
      ? await this.#attempt(user, { space }, undefined, correlationId)
      : 'taken'
    if (attempt === 'reserved') return booked({ space })
    if (attempt !== 'taken') return attempt
    const next = index.plan(space.onMap, planningLimits({}, user.vehicleSize), new Set([space.bayId]))
    return { refused: 'bay-taken', other: 'plan' in next ? next.plan.space.bayId : undefined }
  }

  async #attempt(
    user: User,
    { space, walkMetres: walk, reason }: Wanted,
    /** What another plan would be made from; none when the user named the bay. */
    search: Search | undefined,
    correlationId: string,
  ): Promise<Attempt> {
    const { sql, store, vehicles, log, newId, holdSeconds, instance } = this.deps
    const { userRef, vehicleId, symbology } = user
    const planId = newId()
    const walkMetres = Math.round(walk ?? 0)
    const { latitude, longitude } = space.location
    const location = { latitude, longitude }
    const request = { bayId: space.bayId, location, userRef, symbology, holdSeconds }
    const begun = { planId, userRef, bayId: space.bayId, vehicleId, correlationId, search }
    const isNew = await sql.transaction(async (session) => {
      if (!(await new CloudStore(session).beginBooking(begun, request, instance))) return false
      if (vehicleId === null) return true
      const plan = {
        type: 'show-plan',
        planId,
        bayId: space.bayId,
        label: space.label,
        location,
        walkMetres: Math.min(0xffff, walkMetres),
        ...(walk === undefined ? {} : { etaMinutes: Math.min(MAX_ETA_MINUTES, walkMinutes(walk)) }),
        pricePerHourFen: Math.min(0xffff, space.pricePerHourFen),
        state: 'planned',
      } as const
      vehicles.post(session, vehicleId, plan, correlationId)
      return true
    })
    if (!isNew) {
      const bay = (await store.activeBooking(userRef))?.bayId ?? space.bayId
      return { refused: 'already-reserved', bay }
    }
    log.record('plan-made', { planId, bayId: space.bayId, walkMetres, reason: reason?.kind }, correlationId)
    void vehicles.kick()
    const outcome = await this.#ask(begun, request)
    // Whoever has cancelled it wants no other.
    return outcome === 'ended' ? { refused: 'ended-meanwhile', bay: space.bayId } : outcome
  }

  /**
   * Asks the platform about bookings whose answer an earlier run of the cloud did not live to see: with the same key
   * nothing is reserved twice. @returns those that are not to be had, with the reason
   */
  async resume(
    unanswered: readonly UnansweredBooking[],
  ): Promise<{ readonly booking: UnansweredBooking['booking']; readonly reason: 'taken' | 'trouble' }[]> {
    const lost: { booking: UnansweredBooking['booking']; reason: 'taken' | 'trouble' }[] = []
    for (const { booking, request } of unanswered) {
      const { planId, correlationId } = booking
      this.deps.log.record('booking-resumed', { planId, bayId: booking.bayId }, correlationId)
      try {
        if ((await this.#ask(booking, request)) === 'taken') lost.push({ booking, reason: 'taken' })
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.deps.log.record('booking-not-resumed', { planId, reason }, correlationId)
        lost.push({ booking, reason: 'trouble' })
      }
    }
    return lost
  }

  /**
   * @returns `ended` when the booking has been ended meanwhile, by its user or another instance; `reserved` also
   *   without an answer, or against it, when the platform's news have told of the reservation meanwhile
   * @throws PlatformFailed; the booking is given up, and what the platform may hold for it is given back later
   */
  async #ask(
    booking: Pick<UnansweredBooking['booking'], 'planId' | 'vehicleId' | 'correlationId'>,
    request: ReservationRequest,
  ): Promise<'reserved' | 'taken' | 'ended'> {
    const { store, platform, log } = this.deps
    const { planId, correlationId } = booking
    try {
      const answer = await platform.reserve(request, planId, correlationId)
      if ('refused' in answer) {
        log.record('reservation-refused', { planId, reason: answer.refused }, correlationId)
        const found = await this.#giveUp(booking)
        return found === 'given-up' ? 'taken' : found
      }
      const isNews = await store.confirmBooking(planId, answer.reservationId)
      if (await store.stands(planId)) return 'reserved'
      // Cancelled by the user, or refused by the lock, while the platform was still answering.
      await platform.cancel(answer.reservationId, correlationId)
      // Where the platform's news have ended it, they tell of it, after this answer.
      return isNews ? 'ended' : 'reserved'
    } catch (error) {
      if ((await this.#giveUp(booking)) === 'reserved') return 'reserved'
      throw error
    }
  }

  /** Ends a booking, unless the platform's news, or the answer to another instance, have told of its reservation. */
  async #giveUp({
    planId,
    vehicleId,
    correlationId,
  }: Pick<UnansweredBooking['booking'], 'planId' | 'vehicleId' | 'correlationId'>): Promise<
    'given-up' | 'reserved' | 'ended'
  > {
    const { sql, store, vehicles } = this.deps
    const isGivenUp = await sql.transaction(async (session) => {
      if (!(await new CloudStore(session).endUnanswered(planId))) return false
      if (vehicleId === null) return true
      vehicles.post(session, vehicleId, { type: 'plan-state', planId, state: 'refused' }, correlationId)
      return true
    })
    void vehicles.kick()
    if (isGivenUp) return 'given-up'
    return (await store.stands(planId)) ? 'reserved' : 'ended'
  }
}
