import {
  CORE_HOLD_SECONDS,
  CORE_LOCK_SILENCE_SECONDS,
  CORE_NO_SHOW_SECONDS,
  CORE_UNLOCK_GRACE_SECONDS,
} from './platform-core.js'

/** What a lock says of a reservation, told short. */
export type LockWord = 'accepted' | 'refused' | 'asks-code' | 'opened' | 'command-expired'

/** One thing that happens to a platform. `pick` chooses among the reservations made so far, `bay` among the bays. */
export type Happening =
  | { readonly do: 'reserve'; readonly bay: number; readonly holdSeconds: number | undefined }
  | { readonly do: 'same-key'; readonly pick: number; readonly otherBody: boolean }
  | { readonly do: 'cancel' | 'override'; readonly pick: number }
  | { readonly do: 'service'; readonly bay: number; readonly inService: boolean }
  | {
      readonly do: 'status'
      readonly bay: number
      readonly online: boolean
      readonly fault: boolean
      readonly bolt: 'up' | 'down' | 'unknown'
      readonly occupied: boolean | undefined
      readonly retained: boolean
    }
  | { readonly do: 'lock-says'; readonly foreign: boolean; readonly word: LockWord; readonly pick: number }
  /** The next thing on the good way of a reservation, by its own lock. */
  | { readonly do: 'onward'; readonly pick: number }
  | { readonly do: 'vehicle'; readonly bay: number; readonly occupied: boolean }
  | { readonly do: 'repeat-event'; readonly pick: number }
  | { readonly do: 'deliver' }
  | { readonly do: 'time'; readonly seconds: number; readonly down: boolean }

export interface ModelReservation {
  readonly bay: number
  readonly key: string
  state: string
  readonly madeAtMs: number
  readonly endsAtMs: number
  noShowAtMs: number | undefined
  codeWaits: boolean
  /** What the time has ended: `true` for a hold whose code may have been used, word of which is still to come. */
  mayHaveOpened: boolean
}

export interface ModelBay {
  inService: boolean
  online: boolean
  fault: boolean
  bolt: 'up' | 'down' | 'unknown'
  occupancy: 'free' | 'occupied' | 'unknown'
}

const BEFORE_UNLOCK = ['held', 'accepted', 'code-issued']
const ACTIVE = [...BEFORE_UNLOCK, 'unlocked', 'occupied']

/**
 * What the platform promises, without store, messages or concurrency: written from the interface's description, not
 * from the platform's tables of steps.
 */
export class PlatformModel {
  readonly bays: ModelBay[]
  readonly reservations: ModelReservation[] = []

  constructor(
    bays: number,
    public nowMs: number,
  ) {
    this.bays = Array.from({ length: bays }, () => ({
      inService: true,
      online: false,
      fault: false,
      bolt: 'unknown',
      occupancy: 'unknown',
    }))
  }

  active(bay: number): ModelReservation | undefined {
    return this.reservations.find((one) => one.bay === bay && ACTIVE.includes(one.state))
  }

  /** @returns why not, or nothing when the bay is the user's now */
  reserve(bay: number, key: string, holdSeconds = CORE_HOLD_SECONDS): string | undefined {
    const { inService, online, fault, bolt, occupancy } = this.#bay(bay)
    if (!inService || !online || fault) return 'bay-out-of-service'
    if (occupancy === 'occupied') return 'bay-taken'
    if (bolt === 'unknown') return 'bay-out-of-service'
    if (bolt !== 'up' || this.active(bay)) return 'bay-taken'
    const endsAtMs = this.nowMs + holdSeconds * 1000
    this.reservations.push({
      bay,
      key,
      state: 'held',
      madeAtMs: this.nowMs,
      endsAtMs,
      noShowAtMs: undefined,
      codeWaits: false,
      mayHaveOpened: false,
    })
    return undefined
  }

  cancel(reservation: ModelReservation): boolean {
    return this.#move(reservation, BEFORE_UNLOCK, 'cancelled') || reservation.state === 'cancelled'
  }

  override(reservation: ModelReservation): boolean {
    return this.#move(reservation, ACTIVE, 'cancelled') || reservation.state === 'cancelled'
  }

  service(bay: number, inService: boolean): void {
    this.#bay(bay).inService = inService
    const active = this.active(bay)
    if (!inService && active) this.#move(active, BEFORE_UNLOCK, 'cancelled')
  }

  status(bay: number, said: Omit<Extract<Happening, { do: 'status' }>, 'do' | 'bay'>): void {
    const { online, fault, bolt, occupied, retained } = said
    Object.assign(this.#bay(bay), { online, fault, bolt })
    if (occupied === undefined) return
    if (retained) this.#bay(bay).occupancy = occupied ? 'occupied' : 'free'
    else this.vehicle(bay, occupied)
  }

  lockSays(bay: number, word: LockWord, reservation: ModelReservation): void {
    if (word === 'opened') this.#bay(bay).bolt = 'down'
    // Another lock may say what it likes of it.
    if (reservation.bay !== bay) return
    switch (word) {
      case 'accepted':
        this.#move(reservation, ['held'], 'accepted')
        return
      case 'refused':
      case 'command-expired':
        this.#move(reservation, ['held'], 'refused')
        return
      case 'asks-code':
        if (reservation.codeWaits || this.nowMs >= reservation.endsAtMs) return
        if (this.#move(reservation, ['accepted', 'code-issued'], 'code-issued')) reservation.codeWaits = true
        return
      case 'opened':
        if (
          this.#move(reservation, ['code-issued'], 'unlocked') ||
          // Word from a lock that was cut off while the hold ran out.
          (reservation.mayHaveOpened && !this.active(bay) && this.#move(reservation, ['expired'], 'unlocked'))
        ) {
          reservation.noShowAtMs = this.nowMs + CORE_NO_SHOW_SECONDS * 1000
        }
        return
    }
  }

  vehicle(bay: number, occupied: boolean): void {
    this.#bay(bay).occupancy = occupied ? 'occupied' : 'free'
    const active = this.active(bay)
    if (!active) return
    if (occupied) this.#move(active, ['unlocked'], 'occupied')
    else this.#move(active, ['occupied'], 'completed')
  }

  deliver(): void {
    for (const one of this.reservations) one.codeWaits = false
  }

  time(seconds: number): void {
    this.nowMs += seconds * 1000
    for (const one of this.reservations) {
      if (one.madeAtMs + CORE_LOCK_SILENCE_SECONDS * 1000 <= this.nowMs) this.#move(one, ['held'], 'refused')
      if (one.endsAtMs <= this.nowMs) this.#move(one, ['held', 'accepted'], 'expired')
      if (one.endsAtMs + CORE_UNLOCK_GRACE_SECONDS * 1000 <= this.nowMs) {
        one.mayHaveOpened = this.#move(one, ['code-issued'], 'expired') || one.mayHaveOpened
      }
      if (one.noShowAtMs !== undefined && one.noShowAtMs <= this.nowMs) {
        const came = this.#bay(one.bay).occupancy === 'occupied'
        if (this.#move(one, ['unlocked'], came ? 'occupied' : 'expired')) one.mayHaveOpened = false
      }
    }
  }

  #move(reservation: ModelReservation, from: readonly string[], to: string): boolean {
    if (!from.includes(reservation.state)) return false
    reservation.state = to
    return true
  }

  #bay(bay: number): ModelBay {
    const found = this.bays[bay]
    if (!found) throw new RangeError(`the model has no bay ${bay}`)
    return found
  }
}
