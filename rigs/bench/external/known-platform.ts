import type { PlatformEvent, Reservation, Space } from '../../../reference/contracts/platform-api.js'
import type { LockCommand } from '../../../reference/contracts/lock-link.js'
import type { RigClock } from '../business-clock.js'
import { PlatformRefused, type PlatformClient } from '../people/platform-client.js'
import type { BayProfile } from '../profile-schema.js'
import { RigUnavailable } from '../rig-errors.js'
import type { WireLog, WireMessage } from '../wires/wire-log.js'
import { EXTERNAL_MS } from './external-parties.js'

/** How far the times of the platform's commands may be from the rig's: where it is led, and where it is not. */
const LED_TOLERANCE_MS = 1_000
const SYSTEM_TOLERANCE_MS = 10_000
/** Pause before a platform is asked again that does not reach the lock yet, wall milliseconds. */
const ASK_AGAIN_MS = 250

/** How long the news of a reservation's end is waited for, wall milliseconds; whether it must come, scenarios judge. */
const LEAVE_MS = 3_000

const isEndOf = (reservationId: string, { type, reservationId: id }: Partial<PlatformEvent> = {}) =>
  type === 'reservation-cancelled' && id === reservationId

export interface KnownPlatformParts {
  readonly url: string
  readonly bays: readonly BayProfile[]
  readonly time: RigClock
  readonly operator: PlatformClient
  /** With the cloud's token: it sees the reservations of this rig's cloud only. */
  readonly cloud: PlatformClient
}

/**
 * Brings an external platform to the state that every scenario starts from, by its public interface alone, and finds
 * out before the scenario what cannot be brought there. Everything here throws RigUnavailable, which names the platform
 * and the remedy.
 */
export class KnownPlatform {
  constructor(private readonly parts: KnownPlatformParts) {}

  /** Tokens and bays are right; time is not before what the platform remembers. */
  async begin(): Promise<void> {
    const { operator, cloud, bays, time } = this.parts
    const alerts = await this.#asks('operatorToken', operator.alerts())
    for (const bay of bays) this.#holdAgainstProfile(bay, await this.#space(bay))
    await this.#asks('cloudToken', cloud.space(bays[0]?.bayId ?? ''))
    const newest = Math.max(
      ...alerts.map(({ at, lastAt = at }) => Date.parse(lastAt)).filter(Number.isFinite),
    )
    if (time.isMovable && newest > time.now()) await time.advance(newest - time.now())
  }

  /** Ends the reservations of this rig's bays that are its own, and puts bays back into service. */
  async endLeftovers(): Promise<Reservation[]> {
    const ended: Reservation[] = []
    for (const bay of this.parts.bays) {
      const space = await this.#space(bay)
      if (space.inService === false) await this.parts.operator.setService(bay.bayId, true)
      if (space.reservation !== 'none') ended.push(await this.#end(bay, space))
    }
    return ended
  }

  /**
   * The scenario is over: its reservations end, and the cloud hears of it while it can. What cannot be ended now is found
   * before the next scenario.
   */
  async leave(wires: WireLog): Promise<void> {
    const ended = await this.endLeftovers().catch((): Reservation[] => [])
    const heard = ended.map(({ reservationId }) =>
      wires.seen(
        'the end of a reservation at the cloud',
        ({ wire, from, body }) =>
          wire === 'webhook' && from === 'platform' && isEndOf(reservationId, body as Partial<PlatformEvent>),
        LEAVE_MS,
      ),
    )
    await Promise.allSettled(heard)
  }

  /** Resolves when an order to a lock comes back: the platform, the broker and the lock have found each other. */
  async untilTalking(lockId: string): Promise<void> {
    const deadline = performance.now() + EXTERNAL_MS
    for (;;) {
      try {
        await this.parts.operator.command(lockId, { type: 'report' })
        return
      } catch (error) {
        if (!(error instanceof PlatformRefused && error.status === 504))
          throw this.#named(error, 'operatorToken')
        if (performance.now() > deadline) {
          throw this.#unfit(
            `does not reach lock ${lockId}: ${error.message}`,
            'it must be at the broker as user `platform`, with the password platformBrokerPassword',
          )
        }
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
    }
  }

  /** @param orders what the platform sent to locks since the scenario's baseline began */
  verifyTime(orders: readonly WireMessage[]): void {
    const issued = orders
      .map(({ body }) => Date.parse((body as LockCommand).issuedAt))
      .filter(Number.isFinite)
    if (issued.length === 0) return
    const { time } = this.parts
    const aheadMs = Math.max(...issued) - time.now()
    if (Math.abs(aheadMs) <= (time.isMovable ? LED_TOLERANCE_MS : SYSTEM_TOLERANCE_MS)) return
    const seconds = Math.round(Math.abs(aheadMs) / 1_000)
    throw this.#unfit(
      `is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the rig's time, by its commands to the lock`,
      time.isMovable
        ? 'it must go by the clock that the profile names, and answer 204 only once its time stands there'
        : "set its machine's clock, and this one's (NTP)",
    )
  }

  /** Nothing of an earlier scenario stands in this one's way. */
  async verify(): Promise<void> {
    for (const bay of this.parts.bays) {
      const { reservation, inService, lockClockAheadSeconds: ahead } = await this.#space(bay)
      if (reservation !== 'none') {
        throw this.#unfit(
          `still calls bay ${bay.bayId} ${reservation} after its reservation was ended`,
          'free the bay there by hand',
        )
      }
      if (inService === false) {
        throw this.#unfit(`keeps bay ${bay.bayId} out of service`, 'put it back into service there')
      }
      if (ahead !== undefined) {
        throw this.#unfit(
          `holds the clock of the lock of ${bay.bayId} for wrong by ${ahead} s`,
          'its clock and this one’s must agree: name `clock` in the profile, or set both by NTP',
        )
      }
    }
  }

  /** The last reservation of a bay, by its history, is this rig's own: its cloud can see it. */
  async #end(bay: BayProfile, { reservation }: Space): Promise<Reservation> {
    const id = await this.#lastReservation(bay.bayId)
    if (id === undefined) {
      throw this.#unfit(
        `calls bay ${bay.bayId} ${reservation}, and its history names no reservation`,
        'end it there by hand',
      )
    }
    try {
      await this.parts.cloud.reservation(id)
    } catch (error) {
      if (!(error instanceof PlatformRefused && error.status === 404)) throw this.#named(error, 'cloudToken')
      throw this.#unfit(
        `has given bay ${bay.bayId} to another cloud`,
        'end that reservation there, or name bays in the profile that are the rig’s alone',
      )
    }
    return this.#asks('operatorToken', this.parts.operator.endReservation(id))
  }

  async #lastReservation(bayId: string): Promise<string | undefined> {
    let after = 0
    let last: string | undefined
    for (;;) {
      const page = await this.#asks('operatorToken', this.parts.operator.history(bayId, after))
      last = page.findLast(({ axis }) => axis === 'reservation')?.reservationId ?? last
      const next = page.at(-1)?.sequence ?? after
      if (next <= after) return last
      after = next
    }
  }

  #holdAgainstProfile(bay: BayProfile, space: Space): void {
    const { latitude, longitude } = space.location
    const isSame =
      space.lockId === bay.lockId &&
      latitude === bay.location.latitude &&
      longitude === bay.location.longitude
    if (isSame) return
    throw this.#unfit(
      `has bay ${bay.bayId} with lock ${space.lockId} at ${latitude}, ${longitude}`,
      `the profile has lock ${bay.lockId} at ${bay.location.latitude}, ${bay.location.longitude}: correct one of them`,
    )
  }

  async #space({ bayId }: BayProfile): Promise<Space> {
    try {
      return await this.parts.operator.space(bayId)
    } catch (error) {
      if (!(error instanceof PlatformRefused && error.status === 404))
        throw this.#named(error, 'operatorToken')
      throw this.#unfit(
        `has no bay ${bayId}`,
        'give it the bays of the profile, by its settings or by POST /v1/operator/inventory',
      )
    }
  }

  async #asks<T>(token: 'operatorToken' | 'cloudToken', answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      throw this.#named(error, token)
    })
  }

  #named(error: unknown, token: 'operatorToken' | 'cloudToken'): RigUnavailable {
    if (error instanceof RigUnavailable) return error
    const reason = error instanceof Error ? error.message : String(error)
    if (error instanceof PlatformRefused && error.status === 401) {
      return this.#unfit(
        'refuses the rig’s token',
        `\`fixed.secrets.${token}\` of the profile must be its own`,
      )
    }
    return this.#unfit(
      `cannot be brought to a known state: ${reason}`,
      'see "What a run needs" in docs/external-parties.md',
    )
  }

  #unfit(what: string, mend: string): RigUnavailable {
    return new RigUnavailable(`the external platform at ${this.parts.url} ${what}`, mend)
  }
}
