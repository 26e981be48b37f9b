import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { CanBusUnavailable } from '../../../reference/ports/can-bus.js'
import type { IpFamily } from './udp-drop-counter.js'

export interface UdpMulticastAddress {
  /** For messages. */
  readonly url: string
  /** IPv4 224.0.0.0…239.255.255.255, or IPv6 ff00::/8. */
  readonly group: string
  readonly port: number
  /** Address of the network interface that sends and listens; the system's choice where it is left out. */
  readonly localAddress?: string
  /** Routers that a datagram may cross, 0…255; with 0 it does not leave this machine. */
  readonly hops: number
}

const isMulticast = (group: string): boolean =>
  isIP(group) === 4 ? /^2(2[4-9]|3\d)\./.test(group) : isIP(group) === 6 && /^ff/i.test(group)

/** @throws CanBusUnavailable for an address that is none of a multicast group */
export function familyOf({ url, group }: UdpMulticastAddress): IpFamily {
  if (!isMulticast(group)) {
    throw new CanBusUnavailable(
      url,
      'not-reachable',
      `${group} is no multicast group`,
      'Take an address of 224.0.0.0 to 239.255.255.255, or one that begins with ff',
    )
  }
  return isIP(group) === 4 ? 'IPv4' : 'IPv6'
}

/**
 * The interface as Node's dgram wants it: an address of it for IPv4, `::%name` for IPv6.
 * @throws CanBusUnavailable where no interface of this machine has the address
 */
export function multicastInterface(address: UdpMulticastAddress, family: IpFamily): string | undefined {
  const { url, localAddress } = address
  if (localAddress === undefined) return undefined
  const known = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.filter((one) => one.family === family).map((one) => ({ name, address: one.address })),
  )
  const found = known.find((one) => one.address === localAddress)
  if (!found) {
    throw new CanBusUnavailable(
      url,
      'no-such-interface',
      `no network interface of this machine has the ${family} address ${localAddress}`,
      known.length > 0
        ? `Take one of ${known.map((one) => one.address).join(', ')}`
        : `Give an interface one`,
    )
  }
  return family === 'IPv4' ? found.address : `::%${found.name}`
}

const WHY: Readonly<
  Record<string, readonly [reason: CanBusUnavailable['reason'], problem: string, mend: string]>
> = {
  EADDRINUSE: ['refused', 'another program holds the port alone', 'End it, or take another port'],
  EACCES: ['no-permission', 'this user may not use the port', 'Take a port above 1023'],
}

/** @param error what the system says to a multicast socket that is being opened */
export function unavailable({ url, localAddress }: UdpMulticastAddress, error: unknown): CanBusUnavailable {
  const { code = 'unknown error' } = error as NodeJS.ErrnoException
  const [reason, problem, mend] = WHY[code] ?? [
    'not-reachable',
    `this machine has no way to the multicast group (${code})`,
    localAddress === undefined
      ? 'Choose the interface by its address, e.g. ?local=127.0.0.1, or add a route: ip route add 224.0.0.0/4 dev lo'
      : 'Take an interface that does multicast: IPv6 does not on lo',
  ]
  return new CanBusUnavailable(url, reason, problem, mend, { cause: error })
}
