import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import nock from 'nock'
import { PlatformClient, PlatformFailed } from './platform-client.js'

const API = 'https://platform.example'
const REQUEST = {
  bayId: 'B-17',
  location: { latitude: 39.9, longitude: 116.4 },
  userRef: 'u1',
  symbology: 'qr',
} as const
const RESERVATION = {
  reservationId: 'r1',
  bayId: 'B-17',
  state: 'held',
  expiresAt: '2026-01-01T00:00:00Z',
}

const client = () => new PlatformClient({ url: API, token: 't', timeoutMs: 5000 })
const reserve = () =>
  nock(API, {
    reqheaders: { authorization: 'Bearer t', 'idempotency-key': 'k1', 'x-correlation-id': 'wx-1' },
  }).post('/v1/reservations', REQUEST)

beforeEach(() => {
  nock.cleanAll()
  nock.disableNetConnect()
})

test('a reservation whose answer was lost is asked for again under the same key', async () => {
  reserve().replyWithError('socket hang up')
  reserve().reply(201, RESERVATION)
  assert.deepEqual(await client().reserve(REQUEST, 'k1', 'wx-1'), RESERVATION)
  assert.ok(nock.isDone())
})

test('a taken bay is a refusal, a wrong token a fault', async () => {
  reserve().reply(409, { error: 'bay-taken', message: 'taken' })
  assert.deepEqual(await client().reserve(REQUEST, 'k1', 'wx-1'), { refused: 'bay-taken' })
  nock(API).get('/v1/spaces/B-17').reply(401, { error: 'unauthorised', message: 'no' })
  await assert.rejects(client().getSpace('B-17', 'wx-1'), /failed GET .*401 unauthorised/)
})

test('an answer that is not what the contract says is a fault', async () => {
  nock(API)
    .get('/v1/spaces')
    .reply(200, { spaces: [{ bayId: 'B-17' }] })
  await assert.rejects(client().listSpaces('wx-1'), PlatformFailed)
})
