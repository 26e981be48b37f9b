import { sourceOf, type Incoming } from './http/request-source.js'
import { MinuteLimit } from './minute-limit.js'

/** Requests without a valid credential that are answered in full and written down, of one source, a minute. */
const FAILURES_PER_MINUTE = 60

/** Counts requests without a valid credential, of each IPv4 address and IPv6 network that they come from. */
export class FailureLimit {
  readonly #limit: MinuteLimit

  constructor(perMinute = FAILURES_PER_MINUTE) {
    this.#limit = new MinuteLimit(perMinute)
  }

  /** Counts one more. @returns whether it is still to be answered in full, and written down */
  async lets(request: Incoming): Promise<boolean> {
    return (await this.#limit.count(sourceOf(request))) === 'within'
  }

  close(): void {
    this.#limit.close()
  }
}
