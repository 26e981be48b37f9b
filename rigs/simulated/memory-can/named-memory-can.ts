import { CanBusUnavailable } from '../../../reference/ports/can-bus.js'
import {
  createMemoryCan,
  type MemoryCan,
  type MemoryCanNode,
  type MemoryCanNodeOptions,
} from './memory-can.js'

/** A bus of this process, as a `memory:` URL names it. */
export interface NamedMemoryCan {
  /** May be empty, as in `memory:`. */
  readonly name: string
  /** Bits a second; who does not say takes the bus as it is. The first who joins makes it 500,000 so. */
  readonly bitrate?: number
  /** Of the data phase of CAN FD, likewise; 2,000,000. */
  readonly dataBitrate?: number
}

interface SharedBus {
  readonly can: MemoryCan
  readonly bitrate: number
  readonly dataBitrate: number
  readonly nodes: Set<MemoryCanNode>
}

const buses = new Map<string, SharedBus>()

function requireSame({ name }: NamedMemoryCan, what: string, asked: number | undefined, there: number): void {
  if (asked === undefined || asked === there) return
  throw new CanBusUnavailable(
    `memory:${name}`,
    'wrong-bitrate',
    `this bus runs at a ${what} of ${there}, not ${asked}`,
    `Open it with ${what} ${there}, or under another name`,
  )
}

/**
 * Joins the bus of that name in this process; the first who joins makes it, the last who closes ends it. A real
 * controller with a wrong bit rate would spoil every frame on the bus; here it is refused by name before it can.
 * @throws CanBusUnavailable, reason `wrong-bitrate`
 * @throws RangeError for a bit rate that no transceiver is made for
 */
export function joinMemoryCan(
  bus: NamedMemoryCan,
  nodeName: string,
  options: MemoryCanNodeOptions = {},
): MemoryCanNode {
  const { name, bitrate = 500_000 } = bus
  const shared = buses.get(name)
  if (shared) {
    requireSame(bus, 'bitrate', bus.bitrate, shared.bitrate)
    requireSame(bus, 'data-bitrate', bus.dataBitrate, shared.dataBitrate)
    return joinShared(name, shared, nodeName, options)
  }
  const { dataBitrate = Math.max(2_000_000, bitrate) } = bus
  const can = createMemoryCan({ bitrate, dataBitrate })
  const created: SharedBus = { can, bitrate, dataBitrate, nodes: new Set() }
  const node = joinShared(name, created, nodeName, options)
  buses.set(name, created)
  return node
}

function joinShared(
  name: string,
  { can, nodes }: SharedBus,
  nodeName: string,
  options: MemoryCanNodeOptions,
): MemoryCanNode {
  const node = can.join(nodeName, options)
  nodes.add(node)
  const leave = node.close.bind(node)
  const close = async () => {
    await leave()
    if (!nodes.delete(node) || nodes.size > 0) return
    buses.delete(name)
    await can.close()
  }
  return Object.defineProperty(node, 'close', { value: close })
}
