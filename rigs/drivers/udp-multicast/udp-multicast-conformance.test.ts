import { canBusConformance } from '../../conformance/can-bus/can-bus.js'
import { loopbackGroup } from './fixtures/loopback-group.js'
import { openUdpMulticast } from './open-udp-multicast.js'

// A machine that cannot do multicast on its loopback interface fails here, with the error that says so.
let address = loopbackGroup()

canBusConformance(
  'udp-multicast',
  async ({ a, b } = {}) => {
    address = loopbackGroup()
    const nodes = { a: await openUdpMulticast(address, a), b: await openUdpMulticast(address, b) }
    return { ...nodes, close: async () => void (await Promise.all([nodes.a.close(), nodes.b.close()])) }
  },
  {
    burst: {
      module: new URL('fixtures/burst-node.js', import.meta.url).href,
      address: () => JSON.stringify(address),
    },
  },
)
