import { MemoryStore } from 'express-rate-limit'

const WINDOW_MS = 60_000

/** `first-beyond`: the one to tell of; a flood must not fill a disk with what is told of it. */
export type Pace = 'within' | 'first-beyond' | 'beyond'

/** Counts what comes from each source, a minute of wall time at a time. */
export class MinuteLimit {
  readonly #hits = new MemoryStore()

  constructor(private readonly perMinute: number) {
    // The library asks for its own options, of which a store reads the window alone.
    this.#hits.init({ windowMs: WINDOW_MS } as Parameters<MemoryStore['init']>[0])
  }

  /** Counts one more. @param source such as an address; strangers without one count as one */
  async count(source: string | undefined): Promise<Pace> {
    const { totalHits } = await this.#hits.increment(source ?? '?')
    if (totalHits <= this.perMinute) return 'within'
    return totalHits === this.perMinute + 1 ? 'first-beyond' : 'beyond'
  }

  close(): void {
    this.#hits.shutdown()
  }
}
