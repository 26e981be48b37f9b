import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { untilReachable } from './reachable.js'

test('waits for a server that comes up later, and gives up at the deadline', async (t) => {
  const placeholder = createServer().listen(0, '127.0.0.1')
  await once(placeholder, 'listening')
  const { port } = placeholder.address() as AddressInfo
  placeholder.close()
  await once(placeholder, 'close')
  const url = `http://127.0.0.1:${port}`
  assert.equal(await untilReachable(url, 0), false)

  const reached = untilReachable(url, 10_000)
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1')
  t.after(() => server.close())
  assert.equal(await reached, true)
})
