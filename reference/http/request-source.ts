import { ipKeyGenerator } from 'express-rate-limit'

/** What a customer gets is a network of so many bits at least: it counts as one, or each would have 2⁶⁴ addresses. */
const IPV6_NETWORK_BITS = 64

/** What is needed of a request. Headers do not count: anybody may write them. */
export interface Incoming {
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/**
 * Where a request comes from: an IPv4 address, or an IPv6 network of 64 bits; none of a socket that has been closed
 * meanwhile.
 */
export function sourceOf({ socket: { remoteAddress } }: Incoming): string | undefined {
  return remoteAddress === undefined ? undefined : ipKeyGenerator(remoteAddress, IPV6_NETWORK_BITS)
}
