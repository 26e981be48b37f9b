import type { LockEvent } from '../../../reference/contracts/lock-link.js'

/** lock-link.asyncapi.yaml, `code-scanned`: a lock looks at no code after five unknown ones within this; milliseconds. */
export const THROTTLE_WINDOW_MS = 60_000
/** A scenario shows so many at most, but for the one that is about the throttle. */
const LEFT_FOR_A_SCENARIO = 2
const MOST_UNKNOWN = 5

/**
 * Where business time is not ours to move, the unknown codes of one scenario count against the next: it waits until the
 * lock has forgotten enough of them.
 */
export class GuessPause {
  #times: number[] = []

  /** @param scanned what the lock read in the scenario that is over */
  note(scanned: readonly Extract<LockEvent, { type: 'code-scanned' }>[]): void {
    for (const { verdict, at } of scanned) {
      if (verdict === 'foreign' || verdict === 'misread') this.#times.push(Date.parse(at))
    }
  }

  /** Resolves when the lock has forgotten enough. */
  async over(): Promise<void> {
    for (;;) {
      this.#times = this.#times.filter((at) => Date.now() - at < THROTTLE_WINDOW_MS)
      const [oldest] = this.#times
      if (oldest === undefined || this.#times.length <= MOST_UNKNOWN - LEFT_FOR_A_SCENARIO) return
      await new Promise((resolve) => setTimeout(resolve, oldest + THROTTLE_WINDOW_MS - Date.now() + 1))
    }
  }
}
