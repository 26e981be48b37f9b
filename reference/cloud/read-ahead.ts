import type { EventLog } from '../ports/event-log.js'
import type { LiveSpaces } from './live-spaces.js'

/** Wait before a platform that did not answer is asked again, wall milliseconds; twice as long each time. */
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000

/** Who asks when no user does. */
export const READ_AHEAD = 'read-ahead'

/**
 * Reads the platform's spaces when the cloud starts, so that no user waits for the list of a city; until the platform
 * has answered once.
 */
export class ReadAhead {
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(
    private readonly spaces: Pick<LiveSpaces, 'now'>,
    private readonly log: EventLog,
  ) {}

  /** Never rejects: a user who comes meanwhile asks as well. */
  async read(pauseMs = FIRST_PAUSE_MS): Promise<void> {
    try {
      const { index } = await this.spaces.now(READ_AHEAD)
      this.log.record('spaces-read-ahead', { spaces: index.size })
    } catch (error) {
      if (this.#closed) return
      const reason = error instanceof Error ? error.message : String(error)
      this.log.record('spaces-not-read-ahead', { reason, retryMs: pauseMs })
      this.#timer = setTimeout(() => void this.read(Math.min(2 * pauseMs, LONGEST_PAUSE_MS)), pauseMs)
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }
}
