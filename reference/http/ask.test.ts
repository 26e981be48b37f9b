import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { ask } from './ask.js'
import { readLimited } from './read-limited.js'

test('a kept connection is used again, and one that was closed meanwhile costs no answer', async (t) => {
  const sockets: Socket[] = []
  /** Ends a connection instead of answering on it, as a server does whose patience with an idle one is over. */
  let closeInstead = false
  const server = createServer((request, response) => {
    sockets.push(request.socket)
    if (closeInstead && sockets.at(-2) === request.socket) request.socket.destroy()
    else response.end('here')
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const get = async () => readLimited(await ask(url, { method: 'GET', headers: {}, timeoutMs: 5_000 }), 100)
  assert.equal(await get(), 'here')
  assert.equal(await get(), 'here')
  assert.equal(new Set(sockets).size, 1)
  closeInstead = true
  assert.equal(await get(), 'here')
  assert.equal(new Set(sockets).size, 2)
})

test('a server that does not answer in time, or not at all, is a fault', async (t) => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1')
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  await once(server, 'listening')
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await assert.rejects(ask(url, { method: 'GET', headers: {}, timeoutMs: 20 }))
  await assert.rejects(ask(new URL('http://127.0.0.1:9/'), { method: 'GET', headers: {}, timeoutMs: 5_000 }))
})
