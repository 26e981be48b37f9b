import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { CanReception } from '../../../reference/can/can-reception.js'
import { DEFAULT_RECEIVE_BUFFER, type CanOpenOptions } from '../../../reference/ports/can-bus.js'
import { familyOf, multicastInterface, unavailable, type UdpMulticastAddress } from './multicast-address.js'
import { bindCounted } from './udp-drop-counter.js'
import { UdpMulticastNode, type UdpMulticastBus } from './udp-multicast-node.js'

export type { UdpMulticastAddress, UdpMulticastBus }

/** What Linux charges a socket for one small datagram (skb truesize), bytes. */
const KERNEL_BYTES_PER_FRAME = 1_280
const MAX_SOCKET_BUFFER = 2 ** 30

/** Asks for room for the frames; the system gives what it allows (Linux: net.core.rmem_max). */
function makeRoom(socket: Socket, frames: number): void {
  try {
    socket.setRecvBufferSize(Math.min(MAX_SOCKET_BUFFER, frames * KERNEL_BYTES_PER_FRAME))
  } catch {
    // Some systems refuse rather than give less; what is lost for it is counted.
  }
}

/**
 * Opens a node on a bus that is a UDP multicast group, as python-can's udp_multicast (4.1) does.
 * @throws CanBusUnavailable, InvalidCanFilter
 */
export async function openUdpMulticast(
  address: UdpMulticastAddress,
  options: CanOpenOptions = {},
): Promise<UdpMulticastBus> {
  const { group, port, hops } = address
  const reception = new CanReception(options)
  const family = familyOf(address)
  const networkInterface = multicastInterface(address, family)
  const type = isIP(group) === 4 ? 'udp4' : 'udp6'
  const receiver = createSocket({ type, reuseAddr: true })
  // A socket of its own: its port tells the node's own frames from everybody else's.
  const sender = createSocket(type)
  try {
    const bind = async () => {
      // Bound to the group on Linux, so that other groups on the same port stay out.
      receiver.bind(port, process.platform === 'win32' ? undefined : group)
      await once(receiver, 'listening')
      receiver.addMembership(group, networkInterface)
      makeRoom(receiver, options.receiveBuffer ?? DEFAULT_RECEIVE_BUFFER)
    }
    const readState = await bindCounted(bind, family, port)
    sender.bind(0)
    await once(sender, 'listening')
    if (networkInterface !== undefined) sender.setMulticastInterface(networkInterface)
    sender.setMulticastTTL(hops)
    sender.setMulticastLoopback(true)
    await new Promise<void>((resolve, reject) => {
      // Without a callback the error would be thrown; with one it is its argument.
      sender.connect(port, group, ((error?: Error) => (error ? reject(error) : resolve())) as () => void)
    })
    return new UdpMulticastNode({ receiver, sender, reception, readState, options })
  } catch (error) {
    receiver.close()
    sender.close()
    throw unavailable(address, error)
  }
}
