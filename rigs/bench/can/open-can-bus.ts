import { parseCanUrl, type CanUrl } from '../../../reference/can/can-url.js'
import type { CanBus, CanOpenOptions } from '../../../reference/ports/can-bus.js'

type Scheme = CanUrl['scheme']
type UrlOf<S extends Scheme> = Extract<CanUrl, { scheme: S }>

export interface NamedCanOpenOptions extends CanOpenOptions {
  /** Of the node, where the bus knows names: a memory bus in its taps. */
  readonly nodeName?: string
}

type OpenDriver<S extends Scheme> = (
  settings: UrlOf<S> & { readonly url: string },
  options: NamedCanOpenOptions,
) => Promise<CanBus>

/** Each driver is loaded when a URL asks for it: nobody waits for a serial port's bindings who has none. */
const DRIVERS: { readonly [S in Scheme]: OpenDriver<S> } = {
  async memory(bus, { nodeName = 'node', ...options }) {
    const { joinMemoryCan } = await import('../../simulated/memory-can/named-memory-can.js')
    return joinMemoryCan(bus, nodeName, options)
  },
  async socketcan(settings, options) {
    const { openSocketCan } = await import('../../drivers/socketcan/open-socket-can.js')
    return openSocketCan(settings, options)
  },
  async slcan(settings, options) {
    const { openSlcan } = await import('../../drivers/slcan/open-slcan.js')
    return openSlcan(settings, options)
  },
  async socketcand(address, options) {
    const { openSocketcand } = await import('../../drivers/socketcand/open-socketcand.js')
    return openSocketcand(address, options)
  },
  async udp(address, options) {
    const { openUdpMulticast } = await import('../../drivers/udp-multicast/open-udp-multicast.js')
    return openUdpMulticast(address, options)
  },
}

/**
 * Opens a node on the bus that a URL names (DESIGN, decision 8).
 * @throws InvalidCanUrl, InvalidCanFilter, CanBusUnavailable
 */
export async function openCanBus(url: string, options: NamedCanOpenOptions = {}): Promise<CanBus> {
  const parsed = parseCanUrl(url)
  const open = DRIVERS[parsed.scheme] as OpenDriver<Scheme>
  return open({ ...parsed, url }, options)
}
