import { THROTTLE_WINDOW_MS } from '../../reference/lock/scan-throttle.js'
import type { ScanVerdict } from '../../reference/domain/unlock-code.js'

const MOST_UNKNOWN = 5

/** After five unknown codes within a minute a lock looks at none, as `reference/lock/scan-throttle.ts`. */
export class GuessCount {
  #times: number[] = []

  /** @param now epoch milliseconds */
  isClosed(now: number): boolean {
    this.#times = this.#times.filter((at) => now - at < THROTTLE_WINDOW_MS)
    return this.#times.length >= MOST_UNKNOWN
  }

  count(verdict: ScanVerdict, now: number): void {
    if (verdict === 'foreign' || verdict === 'misread') this.#times.push(now)
  }
}
