import { createHash, timingSafeEqual } from 'node:crypto'
import { rotatingCode, rotationStep } from '../../reference/contracts/rotating-code.js'
import { formOf, parseUnlockCode, type ScanVerdict } from '../../reference/domain/unlock-code.js'

export interface Finding {
  readonly verdict: Exclude<ScanVerdict, 'throttled'>
  /** Whose code it is, unless it is foreign or a misread. */
  readonly reservationId?: string
}

interface KnownCode {
  readonly reservationId: string
  readonly validUntil: number
  state: 'fresh' | 'used' | 'expired'
  readonly secret:
    { readonly form: 'single'; readonly digest: Buffer } | { readonly form: 'rotating'; readonly key: string }
}

/** Codes that a played lock remembers: fewer than the reference lock's 64, since there are ten thousand of it. */
const HISTORY = 8
/** As the reference lock: the code of the step before and of the one to come is still good. */
const GOOD_STEPS = { behind: 1, ahead: 1 }

const digestOf = (code: string) => createHash('sha256').update(code).digest()

/** The codes of one played lock, in memory; judged as `reference/lock/code-book.ts` does from its storage. */
export class PlayedCodes {
  readonly #known: KnownCode[] = []

  constructor(private readonly lockId: string) {}

  /** A code that is known keeps its state: a repeated delivery never makes a used one fresh. */
  store(code: string, reservationId: string, validUntil: number): void {
    const digest = digestOf(code)
    const isThis = ({ secret }: KnownCode) => secret.form === 'single' && secret.digest.equals(digest)
    const again = this.#known.some(isThis)
    for (const one of this.#known) {
      if (one.reservationId === reservationId && one.state === 'fresh' && !isThis(one)) one.state = 'expired'
    }
    if (!again) this.#add({ reservationId, validUntil, state: 'fresh', secret: { form: 'single', digest } })
  }

  storeKey(key: string, reservationId: string, validUntil: number): void {
    if (this.#known.some((one) => one.reservationId === reservationId && one.secret.form === 'rotating'))
      return
    this.#add({ reservationId, validUntil, state: 'fresh', secret: { form: 'rotating', key } })
  }

  /** The reservation is over: what was not used will never be. */
  expire(reservationId: string): void {
    this.#move(reservationId, 'expired')
  }

  /** The reservation's code has opened. */
  markUsed(reservationId: string): void {
    this.#move(reservationId, 'used')
  }

  /** @param now epoch milliseconds @param coded the reservation whose code may open now, if there is one */
  judge(text: string, now: number, coded: string | undefined): Finding {
    const code = parseUnlockCode(text)
    if (!code) return { verdict: 'misread' }
    const known = formOf(code) === 'rotating' ? this.#rotating(code, now) : this.#single(code)
    if (!known) return { verdict: 'foreign' }
    const { reservationId, state, validUntil } = known
    if (state !== 'fresh') return { verdict: state, reservationId }
    return { verdict: coded === reservationId && now < validUntil ? 'fresh' : 'expired', reservationId }
  }

  #single(code: string): KnownCode | undefined {
    const shown = digestOf(code)
    return this.#known.find(({ secret }) => secret.form === 'single' && timingSafeEqual(secret.digest, shown))
  }

  #rotating(code: string, now: number): KnownCode | undefined {
    const step = rotationStep(now)
    return this.#known.find(({ secret, reservationId }) => {
      if (secret.form !== 'rotating') return false
      const source = { rotatingKey: secret.key, lockId: this.lockId, reservationId }
      for (let age = -GOOD_STEPS.ahead; age <= GOOD_STEPS.behind; age++) {
        if (rotatingCode(source, step - age) === code) return true
      }
      return false
    })
  }

  #move(reservationId: string, state: 'used' | 'expired'): void {
    for (const one of this.#known) {
      if (one.reservationId === reservationId && one.state === 'fresh') one.state = state
    }
  }

  #add(code: KnownCode): void {
    this.#known.push(code)
    if (this.#known.length > HISTORY) this.#known.shift()
  }
}
