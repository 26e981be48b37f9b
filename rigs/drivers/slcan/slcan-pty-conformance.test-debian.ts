/** Needs Debian's socat: `apt-get install socat`. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { canBusConformance } from '../../conformance/can-bus/can-bus.js'
import type { AdapterPlaces } from './fixtures/adapter-process.js'
import { openOnDevice } from './fixtures/device-client.js'
import { openPtyPair } from './fixtures/pty-pair.js'

let adapters: ChildProcess
let socket = ''

before(() => {
  adapters = fork(fileURLToPath(new URL('fixtures/adapter-process.js', import.meta.url)))
})

after(async () => {
  const exit = once(adapters, 'exit')
  adapters.disconnect()
  await exit
})

canBusConformance(
  'slcan over a pty',
  async ({ a, b } = {}) => {
    const pairs = await Promise.all([openPtyPair(), openPtyPair()])
    const [ptyA, ptyB] = pairs
    socket = ptyA.socket
    const ready = once(adapters, 'message')
    adapters.send({ socket, devices: pairs.map(({ adapterEnd }) => adapterEnd) } satisfies AdapterPlaces)
    await ready
    const nodes = await Promise.all([openOnDevice(ptyA.hostEnd, a), openOnDevice(ptyB.hostEnd, b)])
    return {
      a: nodes[0],
      b: nodes[1],
      async close() {
        await Promise.all(nodes.map((node) => node.close()))
        await Promise.all(pairs.map((pair) => pair.close()))
      },
    }
  },
  // The burst comes over a socket, which is faster than a pty.
  {
    burst: {
      module: new URL('fixtures/adapter-client.js', import.meta.url).href,
      address: () => socket,
    },
  },
)
