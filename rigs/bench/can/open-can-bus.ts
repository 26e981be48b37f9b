import { parseCanUrl, type CanUrl } from '../../../reference/can/can-url.js'
import { CanBusUnavailable, type CanBus, type CanOpenOptions } from '../../../reference/ports/can-bus.js'
import type { MemoryCan } from '../../simulated/memory-can/memory-can.js'

type Scheme = CanUrl['scheme']
type UrlOf<S extends Scheme> = Extract<CanUrl, { scheme: S }>
type OpenDriver<S extends Scheme> = (url: UrlOf<S>, options: CanOpenOptions) => Promise<CanBus>

/** The buses of this process, by name. */
const memoryBuses = new Map<string, MemoryCan>()

async function openMemory({ name, bitrate }: UrlOf<'memory'>, options: CanOpenOptions): Promise<CanBus> {
  const { createMemoryCan } = await import('../../simulated/memory-can/memory-can.js')
  let bus = memoryBuses.get(name)
  if (!bus) memoryBuses.set(name, (bus = createMemoryCan(bitrate === undefined ? {} : { bitrate })))
  return bus.join(`node ${process.pid}`, options)
}

/** One line a driver: each is loaded when a URL asks for it. */
const DRIVERS: { readonly [S in Scheme]?: OpenDriver<S> } = {
  memory: openMemory,
}

/**
 * Opens a node on the bus that a URL names (DESIGN, decision 8).
 * @throws InvalidCanUrl, InvalidCanFilter, CanBusUnavailable
 */
export async function openCanBus(url: string, options: CanOpenOptions = {}): Promise<CanBus> {
  const parsed = parseCanUrl(url)
  const open = DRIVERS[parsed.scheme] as OpenDriver<Scheme> | undefined
  if (!open) {
    throw new CanBusUnavailable(
      url,
      'no-back-end',
      `no driver serves ${parsed.scheme}:`,
      `Use one of ${Object.keys(DRIVERS).join(':, ')}:`,
    )
  }
  return open(parsed, options)
}
