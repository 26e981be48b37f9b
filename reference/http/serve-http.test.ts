import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createHttpServer } from './serve-http.js'

const PATIENCE = { headersMs: 50, requestMs: 100, checkMs: 10 }

async function attackedServer(t: TestContext) {
  const handled: string[] = []
  const log: unknown[] = []
  const server = createHttpServer(
    (request, response) => {
      handled.push(request.url ?? '')
      request.resume().once('end', () => response.end('served'))
    },
    { record: (event, fields) => void log.push({ event, ...fields }) },
    PATIENCE,
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => void server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  /** Sends bytes as they are, and nothing more; resolves with the whole answer when the server has closed. */
  const send = async (bytes: string) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => undefined)
    socket.write(bytes)
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
    await new Promise<void>((resolve) => socket.once('close', () => resolve()))
    return answer
  }
  return { handled, log, send }
}

const POST = 'POST /hidden HTTP/1.1\r\nHost: x\r\n'
const SMUGGLED: Readonly<Record<string, string>> = {
  'a length beside chunks': `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'two lengths': `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
  'a coding that is none': `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'a length that is no number': `${POST}Content-Length: +5\r\n\r\nhello`,
  'a name with a blank': `${POST}Content-Length : 5\r\n\r\nhello`,
  'a line that goes on': `${POST}X-A: b\r\n Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello`.replace(
    'POST',
    'P OST',
  ),
  'a bare line feed in a value': `${POST}X-A: b\rX-B: c\r\n\r\n`,
  'a NUL in a value': `${POST}X-A: b\0c\r\n\r\n`,
  'no HTTP': '\x16\x03\x01\x02\0\x01',
}

for (const [name, bytes] of Object.entries(SMUGGLED)) {
  test(`${name}: refused before any handler sees it, and logged`, async (t) => {
    const { handled, log, send } = await attackedServer(t)
    assert.match(await send(bytes), /^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/)
    assert.deepEqual(handled, [])
    assert.equal(log.length, 1)
    assert.match(JSON.stringify(log[0]), /"event":"http-refused","reason":"HPE_/)
  })
}

test('a head that is too long is refused, and logged', async (t) => {
  const { handled, log, send } = await attackedServer(t)
  assert.match(await send(`${POST}X-A: ${'a'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /)
  assert.deepEqual(handled, [])
  assert.deepEqual(log, [{ event: 'http-refused', reason: 'HPE_HEADER_OVERFLOW' }])
})

test('who sends a head or a body too slowly is cut off, and logged', async (t) => {
  const { handled, log, send } = await attackedServer(t)
  assert.match(await send(POST), /^HTTP\/1\.1 408 /)
  assert.deepEqual(handled, [])
  assert.match(await send(`${POST}Content-Length: 5\r\n\r\nhe`), /^HTTP\/1\.1 408 /)
  assert.deepEqual(handled, ['/hidden'])
  assert.deepEqual(
    log,
    Array.from({ length: 2 }, () => ({ event: 'http-refused', reason: 'ERR_HTTP_REQUEST_TIMEOUT' })),
  )
})
