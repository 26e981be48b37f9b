import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import express from 'express'
import type { Space } from '../contracts/platform-api.js'
import { serveHttp } from '../http/serve-http.js'
import { sendSpaces } from './send-spaces.js'

const space = (bayId: string) => ({ bayId }) as Space

async function served(t: TestContext, pages: () => AsyncIterable<readonly Space[]>) {
  const app = express()
  app.get('/', (_request, response) => sendSpaces(response, { spaces: pages(), cursor: 'a.1' }))
  const server = await serveHttp(app, { host: '127.0.0.1', port: 0 })
  t.after(() => server.close())
  return server.url
}

test('pages become one list, and others have their turn between two of them', async (t) => {
  let turns = 0
  const seen: number[] = []
  const url = await served(t, async function* () {
    const count = () => {
      turns++
      if (seen.length < 3) setImmediate(count)
    }
    setImmediate(count)
    for (const name of ['B-1', 'B-2', 'B-3']) {
      seen.push(turns)
      yield [space(name)]
    }
  })
  const answer: unknown = await (await fetch(url)).json()
  assert.deepEqual(answer, { spaces: ['B-1', 'B-2', 'B-3'].map(space), cursor: 'a.1' })
  assert.deepEqual([...new Set(seen)], seen, 'a page followed another without a turn of the others')
})

test('no spaces at all are a list too', async (t) => {
  const url = await served(t, async function* () {})
  assert.deepEqual(await (await fetch(url)).json(), { spaces: [], cursor: 'a.1' })
})

test('a store that fails on the way breaks the answer off: no part is taken for the whole', async (t) => {
  const url = await served(t, async function* () {
    yield [space('B-1')]
    throw new Error('the store is away')
  })
  await assert.rejects(fetch(url).then((response) => response.text()))
})
