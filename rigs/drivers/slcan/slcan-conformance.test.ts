import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { canBusConformance } from '../../conformance/can-bus/can-bus.js'
import { openOnSocket } from './fixtures/adapter-client.js'
import type { AdapterPlaces } from './fixtures/adapter-process.js'

let adapters: ChildProcess
let folder = ''
let buses = 0
let path = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slcan-'))
  adapters = fork(fileURLToPath(new URL('fixtures/adapter-process.js', import.meta.url)))
})

after(async () => {
  const exit = once(adapters, 'exit')
  adapters.disconnect()
  await exit
  await rm(folder, { recursive: true })
})

/** A socket on a path of its own: of bytes it keeps about as many as a serial line's drivers do. */
const newPath = () =>
  process.platform === 'win32'
    ? `\\\\.\\pipe\\lockstep-slcan-${process.pid}-${++buses}`
    : join(folder, `bus-${++buses}`)

canBusConformance(
  'slcan',
  async ({ a, b } = {}) => {
    path = newPath()
    const listening = once(adapters, 'message')
    adapters.send({ socket: path } satisfies AdapterPlaces)
    await listening
    const nodes = await Promise.all([openOnSocket(path, a), openOnSocket(path, b)])
    return {
      a: nodes[0],
      b: nodes[1],
      close: async () => void (await Promise.all(nodes.map((node) => node.close()))),
    }
  },
  {
    burst: { module: new URL('fixtures/adapter-client.js', import.meta.url).href, address: () => path },
  },
)
