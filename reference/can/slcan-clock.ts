import { SLCAN_STAMP_PERIOD_MS } from './slcan-frame.js'

/** How far a stamp may be ahead of what the host expects; older ones are known by up to a minute less this. */
const AHEAD_MS = 5_000
/** By how much two crystals may differ, far more than they do. */
const DRIFT = 0.001

/**
 * Makes an adapter's time stamps, which start again each minute, into microseconds that never run back. The host's
 * clock tells how many minutes a silence took; frames that the host reads late keep the time that they bear.
 */
export class SlcanClock {
  /** The time given out last. */
  #lastMs = 0
  #set = false
  /** The adapter's time by the frame that took the shortest way. */
  #anchor: { readonly adapterMs: number; readonly hostMs: number }

  /** @param hostMs milliseconds of a clock that never runs back */
  constructor(hostMs: number) {
    this.#anchor = { adapterMs: 0, hostMs }
  }

  /**
   * @param stampMs 0…59,999
   * @param hostMs when the stamp came
   * @returns whole microseconds
   */
  unwrap(stampMs: number, hostMs: number): number {
    const expectedMs = this.#expected(hostMs)
    if (!this.#set) {
      this.#set = true
      const periods = Math.ceil(Math.max(0, this.#lastMs - stampMs) / SLCAN_STAMP_PERIOD_MS)
      return this.#setTo(stampMs + periods * SLCAN_STAMP_PERIOD_MS, 0, hostMs)
    }
    const periods = Math.floor((expectedMs + AHEAD_MS - stampMs) / SLCAN_STAMP_PERIOD_MS)
    const leastMs = expectedMs - DRIFT * (hostMs - this.#anchor.hostMs)
    return this.#setTo(stampMs + periods * SLCAN_STAMP_PERIOD_MS, leastMs, hostMs)
  }

  /** The time of something that bears no stamp. */
  now(hostMs: number): number {
    return this.#tell(Math.floor(this.#expected(hostMs)))
  }

  #setTo(adapterMs: number, leastMs: number, hostMs: number): number {
    this.#anchor = { adapterMs: Math.max(adapterMs, leastMs), hostMs }
    return this.#tell(adapterMs)
  }

  #expected(hostMs: number): number {
    return this.#anchor.adapterMs + hostMs - this.#anchor.hostMs
  }

  #tell(adapterMs: number): number {
    this.#lastMs = Math.max(this.#lastMs, adapterMs)
    return this.#lastMs * 1_000
  }
}
