import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { HttpTap } from './http-tap.js'
import type { TappedRequest, TappedResponse } from './tapped-http.js'

async function echoServer(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    request.setEncoding('utf8')
    let body = ''
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      response.writeHead(201, { 'x-saw': `${request.method} ${request.url}` }).end(body.toUpperCase())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function openTap(t: TestContext) {
  const seen = {
    requests: [] as TappedRequest[],
    responses: [] as TappedResponse[],
    failures: [] as string[],
  }
  const tap = await HttpTap.open({
    onRequest: (request) => seen.requests.push(request),
    onResponse: (response) => seen.responses.push(response),
    onFailure: (_request, reason) => seen.failures.push(reason),
  })
  t.after(() => tap.close())
  return { tap, seen }
}

test('passes requests and answers on unchanged, and tells both', async (t) => {
  const { tap, seen } = await openTap(t)
  tap.connect(await echoServer(t))
  const answer = await fetch(`${tap.url}/a/b?c=d`, { method: 'POST', body: 'hello 国贸' })
  assert.equal(answer.status, 201)
  assert.equal(answer.headers.get('x-saw'), 'POST /a/b?c=d')
  assert.equal(await answer.text(), 'HELLO 国贸')
  assert.equal(seen.requests[0]?.body.toString(), 'hello 国贸')
  assert.equal(seen.responses[0]?.status, 201)
})

test('a page of another site cannot ask through it', async (t) => {
  const { tap, seen } = await openTap(t)
  tap.connect(await echoServer(t))
  const asked = request(`${tap.url}/x`, { headers: { host: 'rebound.example' } })
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  assert.equal(answer.statusCode, 421)
  answer.resume()
  assert.equal(seen.requests.length, 0)
})

test('a base path of the other side is kept', async (t) => {
  const { tap } = await openTap(t)
  tap.connect(`${await echoServer(t)}/base/`)
  const answer = await fetch(`${tap.url}/x`)
  assert.equal(answer.headers.get('x-saw'), 'GET /base/x')
})

test('an other side that is not there is a failure, not a crash', async (t) => {
  const { tap, seen } = await openTap(t)
  assert.equal((await fetch(`${tap.url}/x`)).status, 503)
  tap.connect('http://127.0.0.1:1')
  assert.equal((await fetch(`${tap.url}/x`)).status, 502)
  assert.equal(seen.failures.length, 2)
})

test('gathered requests pass only when the last has come', async (t) => {
  const { tap, seen } = await openTap(t)
  tap.connect(await echoServer(t))
  tap.gather(2, ({ path }) => path === '/race')
  const first = fetch(`${tap.url}/race`)
  await fetch(`${tap.url}/other`)
  assert.deepEqual(
    seen.responses.map(({ request }) => request.path),
    ['/other'],
  )
  const answers = await Promise.all([first, fetch(`${tap.url}/race`)])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 201],
  )
  assert.equal((await fetch(`${tap.url}/race`)).status, 201)
})

const toX = ({ path }: TappedRequest) => path === '/x'

test('a lost request reaches nobody and has no answer; the next one does', async (t) => {
  const { tap, seen } = await openTap(t)
  tap.connect(await echoServer(t))
  tap.disturb('lost', toX)
  await assert.rejects(fetch(`${tap.url}/x`))
  assert.equal((await fetch(`${tap.url}/x`)).status, 201)
  assert.deepEqual(seen.failures, ['lost on its way, by the scenario'])
  assert.equal(seen.responses.length, 1)
})

test('a request whose answer is lost has been carried out', async (t) => {
  const { tap, seen } = await openTap(t)
  tap.connect(await echoServer(t))
  tap.disturb('answer-lost', toX)
  await assert.rejects(fetch(`${tap.url}/x`))
  assert.equal(seen.responses.length, 1)
})

test('a doubled request is carried out twice and answered once', async (t) => {
  const { tap, seen } = await openTap(t)
  tap.connect(await echoServer(t))
  tap.disturb('doubled', toX)
  assert.equal((await fetch(`${tap.url}/x`)).status, 201)
  assert.equal(seen.responses.length, 2)
})

test('an overtaken request is confirmed at once and delivered after the next one', async (t) => {
  const { tap, seen } = await openTap(t)
  tap.connect(await echoServer(t))
  tap.disturb('overtaken', toX)
  assert.equal((await fetch(`${tap.url}/x`)).status, 204)
  assert.equal((await fetch(`${tap.url}/y`)).status, 201)
  assert.deepEqual(
    seen.responses.map(({ request }) => request.path),
    ['/y', '/x'],
  )
})
