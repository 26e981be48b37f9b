import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { canBusConformance } from '../../conformance/can-bus/can-bus.js'
import { openSocketcand, type SocketcandAddress } from './open-socketcand.js'

// A process of its own, which serves on while the consumer in this one stalls.
const server = fork(fileURLToPath(new URL('fixtures/server-process.js', import.meta.url)))
const [{ port }] = (await once(server, 'message')) as [{ port: number }]
after(() => server.disconnect())

let buses = 0
const address = (): SocketcandAddress => {
  const bus = `can${buses}`
  return { url: `socketcand://127.0.0.1:${port}/${bus}`, host: '127.0.0.1', port, interface: bus }
}

canBusConformance(
  'socketcand',
  async ({ a, b } = {}) => {
    buses++
    const nodes = { a: await openSocketcand(address(), a), b: await openSocketcand(address(), b) }
    return { ...nodes, close: async () => void (await Promise.all([nodes.a.close(), nodes.b.close()])) }
  },
  {
    burst: {
      module: new URL('fixtures/burst-node.js', import.meta.url).href,
      address: () => JSON.stringify(address()),
    },
  },
)
