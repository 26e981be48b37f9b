/**
 * SLCAN against a real kernel and can-utils. Needs a kernel with vcan and slcan, rights to set up interfaces, Debian's
 * can-utils, iproute2 and socat; LOCKSTEP_CAN_INTERFACES names the interface to use.
 */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, realpath } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { readLines } from '../../../reference/read-lines.js'
import type { CanBus, CanFrame } from '../../../reference/ports/can-bus.js'
import { canBusConformance } from '../../conformance/can-bus/can-bus.js'
import { content, hear } from '../../conformance/can-bus/two-nodes.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { serveSlcan } from '../../simulated/slcan-adapter/slcan-adapter.js'
import { openOnDevice } from './fixtures/device-client.js'
import { openPtyPair } from './fixtures/pty-pair.js'
import { openSlcanpty } from './fixtures/slcanpty.js'
import { openSerialLine } from '../../serial/serial-line.js'

const [vcan = 'vcan0'] = (process.env['LOCKSTEP_CAN_INTERFACES'] ?? '').split(',').filter(Boolean)
const run = promisify(execFile)
const data = (...bytes: number[]) => Uint8Array.from(bytes)

/** Frames, and can-utils' words for them. */
const FRAMES: readonly (readonly [string, CanFrame])[] = [
  ['123#', { id: 0x123, extended: false, data: data() }],
  ['7FF#0011223344556677', { id: 0x7ff, extended: false, data: data(0, 17, 34, 51, 68, 85, 102, 119) }],
  ['1FFFFFFF#AB', { id: 0x1fffffff, extended: true, data: data(0xab) }],
  ['000007FF#0102', { id: 0x7ff, extended: true, data: data(1, 2) }],
]
const REQUESTS: readonly (readonly [string, CanFrame])[] = [
  ['321#R', { id: 0x321, extended: false, data: data(), remote: true, remoteLength: 0 }],
  ['321#R8', { id: 0x321, extended: false, data: data(), remote: true, remoteLength: 8 }],
  ['18DAF110#R3', { id: 0x18daf110, extended: true, data: data(), remote: true, remoteLength: 3 }],
]

/** How many processes listen to all frames of an interface. */
async function receivers(interfaceName: string): Promise<number> {
  const lists = await readFile('/proc/net/can/rcvlist_all', 'utf8')
  return lists.split('\n').filter((line) => line.trim().startsWith(`${interfaceName} `)).length
}

/** candump's next lines, without time and interface; it listens already. */
async function startCandump(t: TestContext, interfaceName: string, count: number) {
  const before = await receivers(interfaceName)
  const candump = spawn('stdbuf', ['-oL', 'candump', '-L', '-n', String(count), interfaceName], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => candump.kill())
  const lines: string[] = []
  readLines(candump.stdout, (line) => lines.push(line.split(' ')[2] ?? line))
  const dumped = once(candump, 'close').then(() => lines)
  for (const endAt = Date.now() + 30_000; (await receivers(interfaceName)) === before;) {
    assert.ok(Date.now() < endAt, `candump does not listen on ${interfaceName}`)
  }
  return { dumped }
}

async function requireExchange(
  t: TestContext,
  node: CanBus,
  interfaceName: string,
  frames: readonly (readonly [string, CanFrame])[],
): Promise<void> {
  const { dumped } = await startCandump(t, interfaceName, frames.length)
  for (const [, frame] of frames) await node.send(frame)
  assert.deepEqual(
    await dumped,
    frames.map(([text]) => text),
  )
  const heard = hear(node, frames.length)
  for (const [text] of frames) await run('cansend', [interfaceName, text])
  assert.deepEqual(
    (await heard).map(content),
    frames.map(([, frame]) => content(frame)),
  )
}

test("the kernel's slcan, set up by slcand, is a host of our adapter, both ways", async (t) => {
  const pty = await openPtyPair()
  const can = createMemoryCan()
  const commands: string[] = []
  const line = await openSerialLine(pty.adapterEnd, 115_200)
  line.on('data', (bytes: Buffer) => commands.push(bytes.toString('latin1')))
  const adapter = serveSlcan(line, can.join('adapter'))
  const slcand = spawn('slcand', ['-F', '-o', '-c', '-f', '-s6', await realpath(pty.hostEnd), 'slcan0'], {
    stdio: 'inherit',
  })
  const ended = once(slcand, 'exit')
  t.after(async () => {
    slcand.kill()
    await ended
    await adapter.close()
    await pty.close()
    await can.close()
  })
  for (const endAt = Date.now() + 30_000; ;) {
    const up = await run('ip', ['link', 'set', 'slcan0', 'up']).catch((error: unknown) => error)
    if (!(up instanceof Error)) break
    assert.ok(Date.now() < endAt && slcand.exitCode === null, String(up))
  }
  t.diagnostic(`slcand said ${JSON.stringify(commands.join(''))}`)
  assert.equal(commands.join(''), 'C\rS6\rF\rO\r')
  await requireExchange(t, can.join('peer'), 'slcan0', [...FRAMES, ...REQUESTS])
})

test("can-utils' slcanpty is an adapter for our driver, both ways", async (t) => {
  const slcanpty = await openSlcanpty(vcan)
  const bus = await openOnDevice(slcanpty.device)
  t.after(async () => {
    await bus.close()
    await slcanpty.close()
  })
  t.diagnostic(bus.features.backEnd)
  assert.match(bus.features.backEnd, /slcanpty/)
  assert.equal(bus.features.timestamps, 'adapter')
  await requireExchange(t, bus, vcan, FRAMES)
  assert.deepEqual(bus.garbage, { lines: 0 })
})

canBusConformance('slcan through slcanpty and the kernel', async ({ a, b } = {}) => {
  const adapters = await Promise.all([openSlcanpty(vcan), openSlcanpty(vcan)])
  const nodes = await Promise.all([openOnDevice(adapters[0].device, a), openOnDevice(adapters[1].device, b)])
  return {
    a: nodes[0],
    b: nodes[1],
    async close() {
      await Promise.all(nodes.map((node) => node.close()))
      await Promise.all(adapters.map((adapter) => adapter.close()))
    },
  }
})
