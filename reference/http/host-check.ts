import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')
LOOPBACK.addSubnet('::ffff:127.0.0.0', 104, 'ipv6')

/** Whether what listens there is reached from this machine only. @param host an address, or `localhost` */
export function isLoopback(host: string): boolean {
  const family = isIP(host)
  if (family === 0) return /^(?:.+\.)?localhost\.?$/i.test(host)
  return LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4')
}

/** `name`, `name:port`, `[address]:port`. */
const AUTHORITY = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/@]*))(?::\d{0,5})?$/

/**
 * Whether a request to a server on loopback is meant for it. A page of another site makes a browser on this machine ask
 * here under that site's name, once its name leads to 127.0.0.1 (DNS rebinding); then `Host` has that name. A client
 * that sends none is no browser.
 * @param names further names under which the server may be asked, such as that of a proxy or tunnel in front of it
 */
export function isMeantForLoopback(
  { headers }: Pick<IncomingMessage, 'headers'>,
  names: readonly string[],
): boolean {
  if (headers.host === undefined) return true
  const [, address, name] = AUTHORITY.exec(headers.host) ?? []
  const host = address ?? name
  if (host === undefined || host === '') return false
  return isLoopback(host) || names.some((known) => known.toLowerCase() === host.toLowerCase())
}
