import type { ReservationRequest, Space } from '../contracts/platform-api.js'
import { wgs84, wgs84ToGcj02, type Gcj02Point, type Wgs84Point } from '../domain/coordinates.js'
import { bayId } from '../domain/identifiers.js'
import { planParking, walkMinutes, type ParkingCandidate } from '../domain/parking-plan.js'
import type { EventLog } from '../ports/event-log.js'
import { CloudStore, type UnansweredBooking, type User } from './cloud-store.js'
import type { PlatformClient } from './platform-client.js'
import type { SqlStore } from '../ports/sql-store.js'
import type { VehicleNews } from './vehicle-news.js'

export interface BookingDeps {
  readonly platform: PlatformClient
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
}

export type BookingOutcome =
  | { readonly booked: Booked }
  | { readonly refused: 'no-space-in-reach' | 'taken-everywhere' }
  | { readonly refused: 'already-reserved'; readonly bay: string }
  | { readonly refused: 'bay-taken'; readonly other: string | undefined }
  | { readonly refused: 'bay-unknown' }

function isFree(space: Space): boolean {
  const { occupancy, reservation, lockHealth, inService = true } = space
  return occupancy === 'free' && reservation === 'none' && lockHealth === 'ok' && inService
}

function candidate({ bayId: bay, label, location, pricePerHourFen }: Space): ParkingCandidate {
  const point = wgs84(location.latitude, location.longitude)
  return { bayId: bayId(bay), label, location: point, pricePerHourFen }
}

/** As the vehicle link carries it. */
const MAX_ETA_MINUTES = 254

type Attempt = 'reserved' | 'taken' | { readonly refused: 'already-reserved'; readonly bay: string }

/** Plans and reserves: the plan goes to the car and the reservation to the platform at the same moment (REQ-10). */
export class Booking {
  constructor(private readonly deps: BookingDeps) {}

  /** The best space near a place; when it is taken at that very moment, the next best, once. @throws PlatformFailed */
  async reserveNear(user: User, place: Gcj02Point, correlationId: string): Promise<BookingOutcome> {
    const active = await this.deps.store.activeBooking(user.userRef)
    if (active) return { refused: 'already-reserved', bay: active.bayId }
    const spaces = await this.deps.platform.listSpaces(correlationId)
    const tried = new Set<string>()
    while (tried.size < 2) {
      const open = spaces.filter((space) => isFree(space) && !tried.has(space.bayId)).map(candidate)
      const result = planParking(place, open)
      if ('refused' in result) {
        return { refused: tried.size > 0 ? 'taken-everywhere' : 'no-space-in-reach' }
      }
      const { space, walkMetres } = result.plan
      const attempt = await this.#attempt(user, space, walkMetres, correlationId)
      if (attempt === 'reserved') {
        const metres = Math.round(walkMetres)
        const { bayId: bay, location, pricePerHourFen } = space
        return { booked: { bay, location, walkMetres: metres, pricePerHourFen } }
      }
      if (attempt !== 'taken') return attempt
      tried.add(space.bayId)
    }
    return { refused: 'taken-everywhere' }
  }

  /** A bay that the user named. Another is only proposed: nobody asked for it. @throws PlatformFailed */
  async reserveBay(user: User, bay: string, correlationId: string): Promise<BookingOutcome> {
    const active = await this.deps.store.activeBooking(user.userRef)
    if (active) return { refused: 'already-reserved', bay: active.bayId }
    const spaces = await this.deps.platform.listSpaces(correlationId)
    const space = spaces.find((one) => one.bayId.toLowerCase() === bay.toLowerCase())
    if (!space) return { refused: 'bay-unknown' }
    const wanted = candidate(space)
    const attempt = isFree(space) ? await this.#attempt(user, wanted, undefined, correlationId) : 'taken'
    if (attempt === 'reserved') {
      const { pricePerHourFen } = space
      const { location } = wanted
      return { booked: { bay: space.bayId, location, walkMetres: undefined, pricePerHourFen } }
    }
    if (attempt !== 'taken') return attempt
    const others = spaces.filter((one) => isFree(one) && one.bayId !== space.bayId).map(candidate)
    const next = planParking(wgs84ToGcj02(wanted.location), others)
    return { refused: 'bay-taken', other: 'plan' in next ? next.plan.space.bayId : undefined }
  }

  async #attempt(
    user: User,
    space: ParkingCandidate,
    /** Undefined when the user named the bay: then no place is known to walk to. */
    walk: number | undefined,
    correlationId: string,
  ): Promise<Attempt> {
    const { sql, store, vehicles, log, newId, holdSeconds, instance } = this.deps
    const { userRef, vehicleId, symbology } = user
    const planId = newId()
    const walkMetres = Math.round(walk ?? 0)
    const { latitude, longitude } = space.location
    const location = { latitude, longitude }
    const request = { bayId: space.bayId, location, userRef, symbology, holdSeconds }
    const begun = { planId, userRef, bayId: space.bayId, vehicleId, correlationId }
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
      await vehicles.post(session, vehicleId, plan, correlationId)
      return true
    })
    if (!isNew) {
      const bay = (await store.activeBooking(userRef))?.bayId ?? space.bayId
      return { refused: 'already-reserved', bay }
    }
    log.record('plan-made', { planId, bayId: space.bayId, walkMetres }, correlationId)
    void vehicles.kick()
    return (await this.#ask(begun, request)) === 'reserved' ? 'reserved' : 'taken'
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
   * @returns `ended` when the bay is not to be had, but the booking has been ended elsewhere before
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
        return (await this.#giveUp(booking)) ? 'taken' : 'ended'
      }
      if (!(await store.confirmBooking(planId, answer.reservationId))) {
        // cancelled by the user, or refused by the lock, while the platform was still answering
        await platform.cancel(answer.reservationId, correlationId)
      }
      return 'reserved'
    } catch (error) {
      await this.#giveUp(booking)
      throw error
    }
  }

  /** @returns false when it has ended before */
  async #giveUp({
    planId,
    vehicleId,
    correlationId,
  }: Pick<UnansweredBooking['booking'], 'planId' | 'vehicleId' | 'correlationId'>): Promise<boolean> {
    const { sql, vehicles } = this.deps
    const ended = await sql.transaction(async (session) => {
      if (!(await new CloudStore(session).advance(planId, 'ended'))) return false
      if (vehicleId === null) return true
      await vehicles.post(session, vehicleId, { type: 'plan-state', planId, state: 'refused' }, correlationId)
      return true
    })
    void vehicles.kick()
    return ended
  }
}
