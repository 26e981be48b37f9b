import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { nextLine } from '../../../reference/read-lines.js'
import type { BenchStatus } from './control-messages.js'
import { serveControl } from './control-server.js'

const STATUS: BenchStatus = { readings: null, cutOff: null, controlled: false, latched: false }

async function served(t: TestContext, makeSafeByHand = () => Promise.reject(new Error('no board'))) {
  const folder = mkdtempSync(join(tmpdir(), 'control-'))
  const path = join(folder, 'control.sock')
  const listeners = new Set<() => void>()
  const server = await serveControl(path, {
    makeSafeByHand,
    status: () => STATUS,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })
  t.after(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  const dial = async () => {
    const socket = connect(path)
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
  const changed = () => listeners.forEach((listener) => listener())
  /** The server answers still. */
  const isWell = async () => {
    const socket = await dial()
    socket.write('{"request":"status"}\n')
    assert.deepEqual(JSON.parse(await nextLine(socket)), { reply: 'status', status: STATUS })
    socket.destroy()
  }
  return { dial, changed, listeners, isWell }
}

const ONLOOKERS: Readonly<Record<string, (socket: Socket) => unknown>> = {
  'says nothing and goes': (socket) => socket.destroy(),
  'goes with half a request': (socket) => socket.end('{"request":"sta'),
  'goes with its answer unread': (socket) => socket.write('{"request":"status"}\n', () => socket.destroy()),
  'goes as a watcher, with its answers unread': (socket) =>
    socket.write('{"request":"watch"}\n{"request":"watch"}\n', () => socket.destroy()),
  'sends what is no request': (socket) => socket.end('null\n[]\n7\n"\n\0\xff\n{"request":{}}\n'),
  floods: (socket) => socket.write('x'.repeat(1_000_000)),
  'floods with requests': (socket) => socket.write('{"request":"status"}\n'.repeat(100_000)),
  'asks for a safe state that fails, and goes': (socket) =>
    socket.write('{"request":"safe"}\n', () => socket.destroy()),
}

test('whatever an onlooker does, the next one is answered', async (t) => {
  const { dial, changed, listeners, isWell } = await served(t)
  for (const [what, attack] of Object.entries(ONLOOKERS)) {
    await t.test(what, async () => {
      const socket = await dial()
      socket.pause()
      attack(socket)
      await isWell()
      changed()
      socket.resume()
      if (!socket.closed) await once(socket, 'close')
      await isWell()
    })
  }
  assert.equal(listeners.size, 0)
})

test('a watcher that does not read is dropped, and one more client than the limit drops the oldest', async (t) => {
  const { dial, changed, listeners, isWell } = await served(t)
  const deaf = await dial()
  deaf.pause()
  deaf.write('{"request":"watch"}\n')
  while (listeners.size === 0) await isWell()
  for (let i = 0; i < 10_000 && listeners.size > 0; i++) {
    changed()
    await isWell()
  }
  assert.equal(listeners.size, 0, 'dropped')
  const first = await dial()
  const closed = once(first.resume(), 'close')
  const others = await Promise.all(Array.from({ length: 32 }, dial))
  await closed
  for (const other of others) other.destroy()
  await isWell()
})

test('a safe state that fails is a refusal with its reason', async (t) => {
  const { dial } = await served(t)
  const socket = await dial()
  socket.write('{"request":"safe"}\n')
  assert.deepEqual(JSON.parse(await nextLine(socket)), { reply: 'refused', problem: 'Error: no board' })
  socket.destroy()
})
