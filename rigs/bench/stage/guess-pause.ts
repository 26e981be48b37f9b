import type { LockEvent } from '../../../reference/contracts/lock-link.js'
import { THROTTLE_WINDOW_MS } from '../../../reference/lock/scan-throttle.js'

/** A lock looks at no code after five unknown ones within a minute; a scenario shows two at most. */
const LEFT_FOR_A_SCENARIO = 2
const MOST_UNKNOWN = 5

/**
 * Where business time is not ours to move, the unknown codes of one scenario count against the next: it waits until the
 * lock has forgotten enough of them.
 */
export class GuessPause {
  #times: number[] = []

  /** @param scanned what the lock read in the scenario that is over */
  async until(scanned: readonly Extract<LockEvent, { type: 'code-scanned' }>[]): Promise<void> {
    for (const { verdict, at } of scanned) {
      if (verdict === 'foreign' || verdict === 'misread') this.#times.push(Date.parse(at))
    }
    for (;;) {
      this.#times = this.#times.filter((at) => Date.now() - at < THROTTLE_WINDOW_MS)
      const [oldest] = this.#times
      if (oldest === undefined || this.#times.length <= MOST_UNKNOWN - LEFT_FOR_A_SCENARIO) return
      await new Promise((resolve) => setTimeout(resolve, oldest + THROTTLE_WINDOW_MS - Date.now() + 1))
    }
  }
}
