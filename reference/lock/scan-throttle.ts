import type { ScanVerdict } from '../domain/unlock-code.js'
import type { LockRecords } from './lock-records.js'

const MOST_UNKNOWN = 5
/** How long an unknown code counts, milliseconds of business time. */
export const THROTTLE_WINDOW_MS = 60_000

/**
 * After five codes within a minute that this lock does not know, it looks at none until the first of them is a minute
 * old: a guesser gets five guesses a minute at 69 bits. Used and expired codes are no guesses. The count lives in the
 * lock's storage: to take its battery out gains nothing.
 */
export class ScanThrottle {
  constructor(private readonly records: LockRecords) {}

  /** @param now epoch milliseconds of business time */
  async isClosed(now: number): Promise<boolean> {
    return (await this.#recent(now)).length >= MOST_UNKNOWN
  }

  async count(verdict: ScanVerdict, now: number): Promise<void> {
    if (verdict !== 'foreign' && verdict !== 'misread') return
    const times = [...(await this.#recent(now)), now].slice(-MOST_UNKNOWN)
    await this.records.set('unknown-codes-at', JSON.stringify(times))
  }

  async #recent(now: number): Promise<number[]> {
    const times = JSON.parse((await this.records.setting('unknown-codes-at')) ?? '[]') as number[]
    // A clock that was set back must not close the lock for longer than the window.
    return times.filter((at) => at <= now && now - at < THROTTLE_WINDOW_MS)
  }
}
