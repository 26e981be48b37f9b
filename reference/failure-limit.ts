import { ipKeyGenerator } from 'express-rate-limit'
import { MinuteLimit } from './minute-limit.js'

/** Requests without a valid credential that are answered in full and written down, of one source, a minute. */
const FAILURES_PER_MINUTE = 60

/** What a customer gets is a network of so many bits at least: it counts as one, or each would have 2⁶⁴ addresses. */
const IPV6_NETWORK_BITS = 64

/** What is needed of a request. Headers do not count: anybody may write them. */
interface Incoming {
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** Counts requests without a valid credential, of each IPv4 address and IPv6 network that they come from. */
export class FailureLimit {
  readonly #limit: MinuteLimit

  constructor(perMinute = FAILURES_PER_MINUTE) {
    this.#limit = new MinuteLimit(perMinute)
  }

  /** Counts one more. @returns whether it is still to be answered in full, and written down */
  async lets({ socket: { remoteAddress } }: Incoming): Promise<boolean> {
    // A socket that has been closed meanwhile has none.
    const source = remoteAddress === undefined ? undefined : ipKeyGenerator(remoteAddress, IPV6_NETWORK_BITS)
    return (await this.#limit.count(source)) === 'within'
  }

  close(): void {
    this.#limit.close()
  }
}
