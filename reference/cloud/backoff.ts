const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000

/**
 * Keeps away from what has just failed: until the pause is over, callers get the same failure at once. Each failure in a
 * row doubles the pause, to a minute; a success ends it.
 */
export class Backoff {
  #failed: { readonly error: unknown; readonly pauseMs: number; readonly until: number } | undefined

  /** @param monotonicMs wall time */
  constructor(private readonly monotonicMs: () => number) {}

  /** @throws what `attempt` throws, or threw last */
  async run<T>(attempt: () => Promise<T>): Promise<T> {
    const before = this.#failed
    if (before && this.monotonicMs() < before.until) throw before.error
    try {
      const result = await attempt()
      this.#failed = undefined
      return result
    } catch (error) {
      const pauseMs = before ? Math.min(2 * before.pauseMs, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS
      this.#failed = { error, pauseMs, until: this.monotonicMs() + pauseMs }
      throw error
    }
  }
}
