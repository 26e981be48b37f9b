/** Failures in a row, of so many different keys, say that it is not the messages: the receiver is down. */
const FAILURES_IN_A_ROW = 5
const DIFFERENT_KEYS = 3

/**
 * Keeps away from a receiver that is down altogether: after failures across keys with no success between them nothing
 * goes to it for a pause, then one message, and all again once one has come through. One key that fails by itself, among
 * others that do not, never opens it.
 */
export class Circuit {
  readonly #failedKeys = new Set<string>()
  #failures = 0
  #pauses = 0
  #state: 'closed' | 'open' | 'half-open' | 'probing' = 'closed'

  /** @param pauseMs the n-th pause in a row (n = 1 is the first), milliseconds */
  constructor(private readonly pauseMs: (n: number) => number) {}

  /** Whether a message may go now. */
  get lets(): boolean {
    return this.#state === 'closed' || this.#state === 'half-open'
  }

  /** To be called when a message goes. */
  trying(): void {
    if (this.#state === 'half-open') this.#state = 'probing'
  }

  /** @returns whether it was open until now */
  succeeded(): boolean {
    const wasOpen = this.#state !== 'closed'
    this.#state = 'closed'
    this.#failedKeys.clear()
    this.#failures = 0
    this.#pauses = 0
    return wasOpen
  }

  /** @returns how long nothing may go from now on, milliseconds, if it opens; then `pauseOver` is to be called */
  failed(key: string): number | undefined {
    this.#failures++
    // A few are enough to know, and a city's keys are many.
    if (this.#failedKeys.size < DIFFERENT_KEYS) this.#failedKeys.add(key)
    const isDown = this.#failures >= FAILURES_IN_A_ROW && this.#failedKeys.size >= DIFFERENT_KEYS
    const opens = this.#state === 'probing' || (this.#state === 'closed' && isDown)
    if (!opens) return undefined
    this.#state = 'open'
    return this.pauseMs(++this.#pauses)
  }

  pauseOver(): void {
    if (this.#state === 'open') this.#state = 'half-open'
  }
}
