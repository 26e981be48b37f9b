import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { PushCaller, pushTarget } from './post-push.js'

const MEBIBYTE = 1024 * 1024

async function served(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  timeoutMs = 60_000,
) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const caller = new PushCaller(timeoutMs)
  t.after(async () => {
    await caller.close()
    server.close().closeAllConnections()
  })
  return { caller, host: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('an account’s URL keeps its own query, user and password', async (t) => {
  const asked: IncomingMessage[] = []
  const { caller, host } = await served(t, (request, response) => {
    asked.push(request)
    response.end('good')
  })
  const answer = await caller.call(
    pushTarget(`http://me:p%40ss@${host}/wechat?own=1`),
    { nonce: 'a b&c' },
    '<xml/>',
  )
  assert.deepEqual([answer.status, answer.body?.toString()], [200, 'good'])
  assert.equal(asked[0]?.url, '/wechat?own=1&nonce=a%20b%26c')
  assert.equal(asked[0]?.headers.authorization, `Basic ${Buffer.from('me:p@ss').toString('base64')}`)
  await caller.call(pushTarget(`http://${host}`), { a: '1' }, undefined)
  assert.deepEqual([asked[1]?.method, asked[1]?.url], ['GET', '/?a=1'])
})

test('who drips its answer is cut off as whoever gives none', async (t) => {
  const cut: Promise<unknown>[] = []
  const { caller, host } = await served(
    t,
    (request, response) => {
      if (request.url === '/drip') response.write('<xml>')
      cut.push(once(request.socket, 'close'))
    },
    200,
  )
  for (const path of ['drip', 'nothing']) {
    await assert.rejects(caller.call(pushTarget(`http://${host}/${path}`), {}, '<xml/>'), {
      name: 'PushTimedOut',
    })
  }
  await Promise.all(cut)
})

test('an answer without end is not read to it', async (t) => {
  let written = 0
  const { caller, host } = await served(t, (_request, response) => {
    const more = () => {
      while (!response.destroyed && written < 100 * MEBIBYTE && response.write(Buffer.alloc(64 * 1024))) {
        written += 64 * 1024
      }
    }
    response.on('drain', more)
    more()
  })
  const answer = await caller.call(pushTarget(`http://${host}/`), {}, '<xml/>')
  assert.equal(answer.body, undefined)
  assert.ok(written < 50 * MEBIBYTE, `${written} bytes`)
})
