/**
 * Needs Debian's python3-can: `apt-get install python3-can`. It brings a client of socketcand; a foreign server is in
 * no Debian package, so our client has only met our server and a stand-in that answers as socketcand's source does.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { lineIterator } from '../../../reference/read-lines.js'
import type { CanBus, CanFrame, ReceivedCanFrame } from '../../../reference/ports/can-bus.js'
import { createHub } from './fixtures/hub.js'
import { serveSocketcand } from './serve-socketcand.js'

/** Beside this file's TypeScript: the compiler does not copy it. */
const PEER = fileURLToPath(
  new URL('../../../../rigs/drivers/socketcand/fixtures/python-can-peer.py', import.meta.url),
)

async function pythonCan(port: number) {
  const peer = spawn('/usr/bin/python3', [PEER, String(port), 'can0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  peer.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const lines = lineIterator(peer.stdout)
  const said = async () => {
    const line = await lines.next()
    if (line.done) throw new Error(`python-can ended: ${log}`)
    return JSON.parse(line.value) as Record<string, unknown>
  }
  return {
    version: (await said()).ready,
    said,
    log: () => log,
    async end() {
      peer.kill()
      await once(peer, 'exit')
    },
  }
}

const next = (bus: CanBus) =>
  new Promise<ReceivedCanFrame>((resolve) => {
    const unsubscribe = bus.onFrame((heard) => {
      unsubscribe()
      resolve(heard)
    })
  })

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff)

/** python-can writes an id without leading zeros, so only 29-bit ids of 8 digits leave it as such. */
const FRAMES: readonly CanFrame[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((length) => ({
    id: 0x120 + 2 * length,
    extended: false,
    data: bytes(length),
  })),
  { id: 0, extended: false, data: bytes(2) },
  { id: 0x7fe, extended: false, data: bytes(8) },
  { id: 0x10000000, extended: true, data: bytes(3) },
  { id: 0x1ffffffe, extended: true, data: bytes(8) },
]

test(
  'python-can and our server exchange classic frames of 11 and 29 bits, both ways',
  { timeout: 90_000 },
  async (t) => {
    const hub = createHub()
    const server = await serveSocketcand({ port: 0, buses: async (_name, options) => hub.join(options) })
    const bench = hub.join()
    const peer = await pythonCan(server.port)
    try {
      for (const { id, extended, data } of FRAMES) {
        const answer = next(bench)
        await bench.send({ id, extended, data })
        const said = await peer.said()
        assert.deepEqual({ id: said.id, data: said.data }, { id, data: Buffer.from(data).toString('hex') })
        const { timestampUs, ...frame } = await answer
        assert.deepEqual(frame, { id: id + 1, extended, data })
        assert.ok(Math.abs(timestampUs / 1_000_000 - Number(said.time)) < 60, 'seconds since 1970')
      }
      t.diagnostic(`python-can ${String(peer.version)}: ${FRAMES.length} frames out and back`)
    } finally {
      await peer.end()
      await server.close()
    }
  },
)

test(
  'python-can logs what it has lost, a remote frame and an FD frame, and goes on',
  { timeout: 90_000 },
  async () => {
    const hub = createHub()
    const server = await serveSocketcand({ port: 0, buses: async (_name, options) => hub.join(options) })
    const bench = hub.join()
    const peer = await pythonCan(server.port)
    try {
      for (const [id, strange] of [
        [0x101, () => [...hub.receptions].forEach((reception) => reception.countLost(3))],
        [0x103, () => bench.send({ id: 1, extended: false, data: bytes(0), remote: true, remoteLength: 2 })],
        [0x105, () => bench.send({ id: 1, extended: false, data: bytes(12), fd: true })],
      ] as const) {
        await strange()
        await bench.send({ id, extended: false, data: bytes(1) })
        assert.equal((await peer.said()).id, id)
      }
    } finally {
      await peer.end()
      await server.close()
    }
    assert.match(peer.log(), /Could not parse ascii message: < lost 3 >/)
  },
)
