import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import express from 'express'
import { expressFaults } from './express-faults.js'
import { createHttpServer, serveHttp } from './serve-http.js'

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
    { patience: PATIENCE, names: ['x'] },
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
    assert.match(JSON.stringify(log[0]), /"event":"http-refused","source":"127.0.0.1","reason":"HPE_/)
  })
}

test('a head that is too long is refused, and logged', async (t) => {
  const { handled, log, send } = await attackedServer(t)
  assert.match(await send(`${POST}X-A: ${'a'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /)
  assert.deepEqual(handled, [])
  assert.deepEqual(log, [{ event: 'http-refused', source: '127.0.0.1', reason: 'HPE_HEADER_OVERFLOW' }])
})

test('who sends a head or a body too slowly is cut off, and logged', async (t) => {
  const { handled, log, send } = await attackedServer(t)
  assert.match(await send(POST), /^HTTP\/1\.1 408 /)
  assert.deepEqual(handled, [])
  assert.match(await send(`${POST}Content-Length: 5\r\n\r\nhe`), /^HTTP\/1\.1 408 /)
  assert.deepEqual(handled, ['/hidden'])
  assert.deepEqual(
    log,
    Array.from({ length: 2 }, () => ({
      event: 'http-refused',
      source: '127.0.0.1',
      reason: 'ERR_HTTP_REQUEST_TIMEOUT',
    })),
  )
})

test('a request under a name of another site is refused on loopback, and logged', async (t) => {
  const { handled, log, send } = await attackedServer(t)
  const get = (host: string) => send(`GET /seen HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  assert.match(await get('rebound.example'), /^HTTP\/1\.1 421 /)
  assert.deepEqual(handled, [])
  assert.deepEqual(log, [
    { event: 'http-refused', source: '127.0.0.1', reason: 'host-unknown', host: 'rebound.example' },
  ])
  for (const host of ['127.0.0.1', 'localhost:80', 'x']) assert.match(await get(host), /^HTTP\/1\.1 200 /)
})

test('no answer carries a page of Express’s or a stack, even when the log fails', async (t) => {
  const app = express()
  app.get('/thrown', () => {
    throw new Error('a reason that stays here')
  })
  app.get('/begun', (_request, response) => {
    response.write('begun')
    throw new Error('too late')
  })
  const log = {
    record: () => {
      throw new Error('no space left on device')
    },
  }
  app.use(expressFaults(log))
  const failing = () => {
    throw new Error('a reason that stays here')
  }
  const [first, second, third] = [
    await serveHttp(app, { host: '127.0.0.1', port: 0 }, log),
    await serveHttp(failing, { host: '127.0.0.1', port: 0 }, log),
    await serveHttp(async () => failing(), { host: '127.0.0.1', port: 0 }, log),
  ]
  t.after(() => Promise.all([first.close(), second.close(), third.close()]))
  const ask = async (url: string) => {
    const answer = await fetch(url, { headers: { accept: 'text/html' } })
    return [answer.status, await answer.text()]
  }
  assert.deepEqual(await ask(`${first.url}/thrown`), [500, ''])
  assert.deepEqual(await ask(`${first.url}/nothing`), [404, ''])
  assert.deepEqual(await ask(second.url), [500, ''])
  assert.deepEqual(await ask(third.url), [500, ''])
  await assert.rejects(ask(`${first.url}/begun`))
})

test('one connection too many closes the one that has waited longest, never one that is being answered', async (t) => {
  const log: unknown[] = []
  let answer = () => undefined as unknown
  const server = createHttpServer(
    (request, response) => {
      if (request.url === '/slow') answer = () => response.end('slow')
      else response.end('served')
    },
    { record: (event, fields) => void log.push({ event, ...fields }) },
    { mostConnections: 3 },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => void server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  const slow = fetch(`http://127.0.0.1:${port}/slow`)
  await once(server, 'request')
  const unfinished = []
  for (let n = 0; n < 3; n++) {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: x')
    unfinished.push(once(socket, 'close'))
    await once(server, 'connection')
  }
  await unfinished[0]
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'served')
  await unfinished[1]
  answer()
  assert.equal(await (await slow).text(), 'slow')
  assert.deepEqual(
    log,
    Array.from({ length: 2 }, () => ({
      event: 'http-refused',
      source: '127.0.0.1',
      reason: 'too-many-connections',
    })),
  )
})
