import { gcj02, wgs84, wgs84ToGcj02, type Gcj02Point } from '../domain/coordinates.js'
import { MalformedIdentifier, vehicleId } from '../domain/identifiers.js'
import type { Geocoder } from '../ports/geocoder.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlStore } from '../ports/sql-store.js'
import { bookingAnswer } from './booking-answer.js'
import type { Booking, BookingOutcome } from './booking.js'
import type { MapDatum } from './cloud-config.js'
import { CloudStore, type User } from './cloud-store.js'
import type { OutgoingMessages } from './outgoing-messages.js'
import { languageOf, PHRASES, type Phrases } from './phrases.js'
import { readPlanningWishes } from './planning-wishes.js'
import type { PlatformClient } from './platform-client.js'
import type { PushMessage } from './push-message.js'
import { menuCommand } from './account-menu.js'
import type { Answer } from './passive-reply.js'
import { searchAt, type Search } from './search.js'
import { readUserCommand, type UserCommand } from './user-command.js'
import type { VehicleNews } from './vehicle-news.js'

export interface ConversationDeps {
  readonly store: CloudStore
  readonly booking: Booking
  readonly platform: PlatformClient
  readonly vehicles: VehicleNews
  readonly sql: SqlStore
  readonly messages: OutgoingMessages
  readonly geocoder: Geocoder
  readonly log: EventLog
  readonly newId: () => string
  readonly holdSeconds: number
  readonly mapDatum: MapDatum
}

/** A point of WeChat's map, in the datum in which places are compared. */
function mapPoint(datum: MapDatum, latitude: number, longitude: number): Gcj02Point {
  return datum === 'GCJ-02' ? gcj02(latitude, longitude) : wgs84ToGcj02(wgs84(latitude, longitude))
}

/** One push in hand: who sent it, and how to answer them. */
interface Turn {
  readonly user: User
  readonly words: Phrases
  readonly correlationId: string
}

/** What the account does about a push, and what it answers. */
export class Conversation {
  constructor(private readonly deps: ConversationDeps) {}

  /** @returns the answer, if there is one to give. @throws PlatformFailed */
  async answer(push: PushMessage): Promise<Answer | undefined> {
    const { store, newId } = this.deps
    const { content, correlationId } = push
    let user = await store.user(push.openid, newId())
    const language = content.kind === 'text' ? languageOf(content.content) : undefined
    if (language !== undefined && language !== user.language) {
      await store.prefer(user.userRef, { language })
      user = { ...user, language }
    }
    const turn: Turn = { user, words: PHRASES[user.language], correlationId }
    switch (content.kind) {
      case 'text':
        return await this.#command(readUserCommand(content.content), turn)
      case 'location':
        return await this.#reserveNear(
          searchAt(
            mapPoint(this.deps.mapDatum, content.latitude, content.longitude),
            content.label === '' ? '该位置' : content.label,
          ),
          turn,
        )
      case 'follow':
      case 'scan':
        return turn.words.welcome(await this.#bind(content.scene, turn))
      case 'menu':
        return await this.#command(menuCommand(content.key), turn)
      case 'other':
        return turn.words.help
      case 'unfollow':
      case 'event':
        return undefined
    }
  }

  /** The scene of a car's code is its vehicle id. @returns whether the user has a car now */
  async #bind(scene: string | undefined, { user, correlationId }: Turn): Promise<boolean> {
    const { store, log } = this.deps
    if (scene === undefined || scene === '') return user.vehicleId !== null
    try {
      await store.bindVehicle(user.userRef, vehicleId(scene))
      log.record('vehicle-bound', { vehicleId: scene, userRef: user.userRef }, correlationId)
      return true
    } catch (error) {
      if (!(error instanceof MalformedIdentifier)) throw error
      log.record('scene-refused', { reason: error.message.slice(0, 200) }, correlationId)
      return user.vehicleId !== null
    }
  }

  async #command(command: UserCommand, turn: Turn): Promise<Answer | undefined> {
    const { store, geocoder } = this.deps
    const { user, words } = turn
    switch (command.kind) {
      case 'help':
        return words.help
      case 'find':
        return words.find
      case 'symbology':
        await store.prefer(user.userRef, { symbology: command.symbology })
        return words.symbologySet(command.symbology)
      case 'vehicle-size':
        await store.measureVehicle(user.userRef, command.size)
        return words.vehicleMeasured(command.size)
      case 'place': {
        const place = await geocoder.locate(command.text)
        if (!place) {
          this.#refused('place', 'place-unknown', turn)
          return words.help
        }
        return await this.#reserveNear(
          searchAt(place.point, place.name, readPlanningWishes(command.text)),
          turn,
        )
      }
      case 'reserve':
        return await this.#reserveBay(command.bay, turn)
      case 'state':
        return await this.#state(command.bay, turn)
      case 'own-state': {
        const active = await store.activeBooking(user.userRef)
        return active ? await this.#state(active.bayId, turn) : this.#hasNone(command.kind, turn)
      }
      case 'my-code':
        return await this.#resendCode(turn)
      case 'cancel':
        return await this.#cancel(turn)
    }
  }

  async #reserveNear(search: Search, turn: Turn): Promise<Answer> {
    const outcome = await this.deps.booking.reserveNear(turn.user, search, turn.correlationId)
    return this.#booked('near', outcome, search.name, turn)
  }

  async #reserveBay(bay: string, turn: Turn): Promise<Answer> {
    const outcome = await this.deps.booking.reserveBay(turn.user, bay, turn.correlationId)
    return this.#booked('bay', outcome, bay, turn)
  }

  #booked(wish: 'near' | 'bay', outcome: BookingOutcome, name: string, turn: Turn): Answer {
    if ('refused' in outcome) this.#refused(wish, outcome.refused, turn)
    return bookingAnswer(outcome, name, turn.words, this.deps.holdSeconds)
  }

  /** Whoever asks for what is another's asks for nothing of their own. */
  #hasNone(wish: UserCommand['kind'], turn: Turn): string {
    this.#refused(wish, 'no-reservation', turn)
    return turn.words.noReservation
  }

  /** What was wished for stays out of the log: it may say where somebody is. */
  #refused(wish: string, reason: string, { user: { userRef }, correlationId }: Turn): void {
    this.deps.log.record('wish-refused', { wish, reason, userRef }, correlationId)
  }

  /** Asked of the platform at that very moment (REQ-07). */
  async #state(bay: string, turn: Turn): Promise<string> {
    const { words, correlationId } = turn
    const { platform } = this.deps
    let space = await platform.getSpace(bay, correlationId)
    if ('refused' in space && bay !== bay.toUpperCase()) {
      space = await platform.getSpace(bay.toUpperCase(), correlationId)
    }
    if (!('refused' in space)) return words.state(space)
    this.#refused('state', 'bay-unknown', turn)
    return words.bayUnknown(bay)
  }

  async #resendCode(turn: Turn): Promise<string> {
    const { user, words, correlationId } = turn
    const active = await this.deps.store.activeBooking(user.userRef)
    if (!active) return this.#hasNone('my-code', turn)
    if (active.code === null || active.symbology === null) return words.codeNotYet
    this.deps.messages.sendCode(user.openid, active.code, active.symbology, correlationId)
    return words.codeComing
  }

  /** The platform's own news of the end may come first: who ends the booking tells of it. */
  async #cancel(turn: Turn): Promise<string | undefined> {
    const { user, words, correlationId } = turn
    const { sql, store, platform, vehicles } = this.deps
    const active = await store.activeBooking(user.userRef)
    if (!active) return this.#hasNone('cancel', turn)
    const { planId, reservationId, vehicleId: car } = active
    if (reservationId !== null) {
      const answer = await platform.cancel(reservationId, correlationId)
      if ('refused' in answer && answer.refused === 'reservation-not-cancellable') {
        this.#refused('cancel', answer.refused, turn)
        return words.notCancellable
      }
    }
    const ended = await sql.transaction(async (session) => {
      const booking = new CloudStore(session)
      // Without an id the platform has not answered yet: what it may still hold is given back when it does.
      const end = reservationId === null ? booking.endUnanswered(planId) : booking.advance(planId, 'ended')
      if (!(await end)) return false
      const news = { type: 'plan-state', planId, state: 'ended' } as const
      if (car !== null) vehicles.post(session, car, news, active.correlationId)
      return true
    })
    if (!ended) {
      // Its id has come meanwhile, and with it what there is to cancel at the platform.
      const isAnswered = reservationId === null && (await store.stands(planId))
      return isAnswered ? await this.#cancel(turn) : undefined
    }
    void vehicles.kick()
    return words.cancelled(active.bayId)
  }
}
