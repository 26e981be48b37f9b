import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { TcpLink } from './tcp-link.js'

async function echoThroughLink(t: TestContext) {
  const server = createServer((socket) => void socket.on('error', () => undefined).pipe(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const link = await TcpLink.open({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  t.after(async () => {
    await link.close()
    server.close()
  })
  const dial = async () => {
    const socket = connect(link.port, '127.0.0.1').setEncoding('utf8')
    await once(socket, 'connect')
    return socket
  }
  return { link, dial }
}

async function echo(socket: Socket, text: string): Promise<unknown> {
  socket.write(text)
  return ((await once(socket, 'data')) as unknown[])[0]
}

test('a link passes bytes both ways, ends when it is cut and works again when it is mended', async (t) => {
  const { link, dial } = await echoThroughLink(t)
  const first = await dial()
  assert.equal(await echo(first, 'one'), 'one')

  const ended = once(first, 'error')
  link.cut()
  await ended
  // The reset may come before or after the connection is there.
  const refused = connect(link.port, '127.0.0.1')
  const [error] = await new Promise<[NodeJS.ErrnoException]>((resolve) =>
    refused.once('error', (error) => resolve([error])),
  )
  assert.equal(error.code, 'ECONNRESET')

  link.mend()
  const second = await dial()
  assert.equal(await echo(second, 'two'), 'two')
  second.destroy()
})
