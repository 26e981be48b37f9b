import { MemoryStore } from 'express-rate-limit'

const WINDOW_MS = 60_000
const DEFAULT_PER_MINUTE = 60

/**
 * Counts who comes without a valid credential, by address. Only they are slowed down: whoever has one is never counted,
 * even behind the same balancer.
 */
export class FailureLimit {
  readonly #hits = new MemoryStore()

  /** @param perMinute of one address, a minute of wall time */
  constructor(private readonly perMinute = DEFAULT_PER_MINUTE) {
    // The library asks for its own options, of which a store reads the window alone.
    this.#hits.init({ windowMs: WINDOW_MS } as Parameters<MemoryStore['init']>[0])
  }

  /** Beyond the limit nothing is written any more: a flood of guesses must not fill a disk. */
  async isFlood(address: string | undefined): Promise<boolean> {
    const { totalHits } = await this.#hits.increment(address ?? '?')
    return totalHits > this.perMinute
  }

  close(): void {
    this.#hits.shutdown()
  }
}
