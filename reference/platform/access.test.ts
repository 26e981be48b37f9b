import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { connectAsync } from 'mqtt'
import { PlatformRig, reservationOf } from '../../rigs/conformance/platform/platform-rig.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { AuditEntry, Reservation } from '../contracts/platform-api.js'
import type { PlatformConfig } from './platform-config.js'

const OTHER = 'the-other-cloud-s-token'

async function rigWith(t: TestContext, changes: Partial<PlatformConfig> = {}) {
  const rig = await PlatformRig.start(await openTestStore())
  t.after(() => rig.close())
  await rig.stopPlatform()
  await rig.startPlatform({
    parties: [
      {
        name: 'other-cloud',
        secrets: [OTHER],
        scopes: ['spaces', 'reservations'],
        webhook: { url: 'http://127.0.0.1:9/', secret: 'the-other-webhook-secret' },
      },
    ],
    ...changes,
  })
  const everything = async () => ({
    bays: await rig.store.query('SELECT * FROM platform_bays ORDER BY bay_id'),
    reservations: await rig.store.query('SELECT * FROM platform_reservations ORDER BY reservation_id'),
    history: await rig.store.query('SELECT * FROM platform_history ORDER BY sequence'),
    outbox: await rig.store.query<{ sequence: number }>('SELECT * FROM platform_outbox ORDER BY sequence'),
  })
  return {
    rig,
    everything,
    audit: async () =>
      (await rig.request<{ entries: AuditEntry[] }>('GET', '/v1/operator/audit')).body.entries,
    /** @param attack is refused, and moves nothing */
    movesNothing: async (attack: () => Promise<unknown>) => {
      const { outbox: waiting, ...before } = await everything()
      await attack()
      const { outbox, ...after } = await everything()
      assert.deepEqual(after, before)
      // What waited may have been sent meanwhile; nothing may have come.
      const known = new Set(waiting.map(({ sequence }) => sequence))
      assert.deepEqual(
        outbox.filter(({ sequence }) => !known.has(sequence)),
        [],
      )
    },
  }
}

async function reserve(rig: PlatformRig, bay: string, key: string, token?: string) {
  const options = { body: reservationOf(bay), headers: { 'Idempotency-Key': key }, ...(token && { token }) }
  return rig.request<Reservation>('POST', '/v1/reservations', options)
}

test('another party’s reservation cannot be seen or ended, and the attempt is kept', async (t) => {
  const { rig, audit, movesNothing } = await rigWith(t)
  await rig.lock('L-17')
  const { body } = await reserve(rig, 'B-17', 'k')
  await rig.logged('reservation-held')
  const path = `/v1/reservations/${body.reservationId}`
  await movesNothing(async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await rig.request(method, path, { token: OTHER })
      assert.deepEqual([answer.status, answer.body.error], [404, 'reservation-unknown'])
    }
  })
  assert.deepEqual(
    (await audit()).map(({ party, action, target, outcome }) => [party, action, target, outcome]),
    ['GET', 'DELETE'].map((method) => [
      'other-cloud',
      `${method} /v1/reservations/:reservationId`,
      body.reservationId,
      'reservation-unknown',
    ]),
  )
  assert.equal((await rig.request('GET', path)).status, 200)
})

test('a party’s idempotency keys are its own', async (t) => {
  const { rig } = await rigWith(t)
  await rig.lock('L-17')
  await rig.lock('L-18')
  const first = await reserve(rig, 'B-17', 'same')
  const other = await reserve(rig, 'B-18', 'same', OTHER)
  assert.deepEqual([first.status, other.status], [201, 201])
  const replayed = await reserve(rig, 'B-18', 'same', OTHER)
  assert.equal(replayed.body.reservationId, other.body.reservationId)
})

test('another lock’s credential can neither write nor read its topics; the broker tells of it', async (t) => {
  const { rig, movesNothing } = await rigWith(t)
  await rig.lock('L-17')
  const refusals: unknown[] = []
  rig.broker.onRefusal((refusal) => refusals.push(refusal))
  await movesNothing(async () => {
    const thief = await connectAsync(rig.broker.url, {
      username: 'L-18',
      password: 'L-18',
      clientId: 'thief',
      reconnectPeriod: 0,
    })
    thief.on('error', () => undefined)
    await assert.rejects(thief.subscribeAsync('locks/L-17/commands'))
    const closed = new Promise<void>((resolve) => thief.once('close', () => resolve()))
    const forged = JSON.stringify({ online: true, bolt: 'down', bootCount: 1 })
    thief.publish('locks/L-17/status', forged, { qos: 1, retain: true })
    await closed
    await assert.rejects(
      connectAsync(rig.broker.url, { username: 'L-17', password: 'guessed', reconnectPeriod: 0 }),
    )
  })
  assert.deepEqual(refusals, [
    { username: 'L-18', what: 'subscribe', reason: 'topic-not-allowed', topic: 'locks/L-17/commands' },
    { username: 'L-18', what: 'publish', reason: 'topic-not-allowed', topic: 'locks/L-17/status' },
    { username: '?', what: 'connect', reason: 'credential-wrong' },
  ])
})

test('injected SQL and headers, and bodies that are too large, are refused by name', async (t) => {
  const { rig, movesNothing } = await rigWith(t)
  await rig.lock('L-17')
  const sql = `B-17'; DROP TABLE platform_bays; --`
  const attacks: [string, string, Parameters<PlatformRig['request']>[2], number][] = [
    ['GET', `/v1/spaces/${encodeURIComponent(sql)}`, {}, 404],
    ['POST', '/v1/reservations', { body: reservationOf(sql), headers: { 'Idempotency-Key': 'k' } }, 400],
    [
      'POST',
      '/v1/reservations',
      { body: reservationOf('B-17'), headers: { 'Idempotency-Key': 'k\u00a0x' } },
      400,
    ],
    [
      'POST',
      '/v1/reservations',
      {
        body: reservationOf('B-17'),
        headers: { 'Idempotency-Key': 'k', 'X-Correlation-Id': 'a%0d%0aSet-Cookie: b' },
      },
      400,
    ],
    [
      'POST',
      '/v1/reservations',
      { body: reservationOf('B-17', { userRef: 'x'.repeat(20_000) }), headers: { 'Idempotency-Key': 'k' } },
      400,
    ],
    ['POST', '/v1/operator/inventory', { body: `{"bays":[${' '.repeat(1_100_000)}]}` }, 400],
    [
      'POST',
      '/v1/reservations',
      { body: reservationOf('B-17', { location: { latitude: 1e308, longitude: 0 } }) },
      400,
    ],
  ]
  await movesNothing(async () => {
    for (const [method, path, options, status] of attacks) {
      assert.equal((await rig.request(method, path, options)).status, status, path)
    }
  })
  const logged = rig.log.all.filter(({ event }) => event === 'request-refused')
  assert.equal(logged.length, attacks.length)
  // A key that came with a quote is a key like any other, and no SQL.
  assert.equal((await reserve(rig, 'B-17', `';DROP`)).status, 201)
})

test('guesses are kept until they become a flood, hold nobody else up, and show in no log', async (t) => {
  const { rig, audit, movesNothing } = await rigWith(t, { limits: { failuresPerMinute: 5 } })
  const guess = 'a-guessed-secret-token'
  const statuses: number[] = []
  await movesNothing(async () => {
    for (let i = 0; i < 8; i++) {
      const path = `/v1/operator/bays/B-17/history`
      statuses.push((await rig.request('GET', path, { token: guess })).status)
    }
  })
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429, 429])
  assert.equal((await rig.request('GET', '/v1/spaces')).status, 200)
  const entries = await audit()
  assert.equal(entries.filter(({ party, outcome }) => party === '?' && outcome === 'unauthorised').length, 5)
  assert.doesNotMatch(JSON.stringify([entries, rig.log.all]), new RegExp(guess))
})

test('a party that asks too often waits, while the others go on', async (t) => {
  const { rig } = await rigWith(t, { limits: { requestsPerMinute: 3 } })
  const ask = async (token: string) => (await rig.request('GET', '/v1/spaces', { token })).status
  const statuses: number[] = []
  for (let i = 0; i < 5; i++) statuses.push(await ask(OTHER))
  assert.deepEqual(statuses, [200, 200, 200, 429, 429])
  assert.equal(await ask('the-operator-s-token'), 200)
})

test('while a credential is replaced the old and the new one are good, and no third', async (t) => {
  const { rig } = await rigWith(t, { cloudToken: ['the-cloud-s-token', 'the-cloud-s-new-token'] })
  const ask = async (token: string) => (await rig.request('GET', '/v1/spaces', { token })).status
  assert.deepEqual(
    [await ask('the-cloud-s-token'), await ask('the-cloud-s-new-token'), await ask('the-cloud-s-next-token')],
    [200, 200, 401],
  )
  await rig.stopPlatform()
  await rig.startPlatform({ cloudToken: ['the-cloud-s-new-token'] })
  assert.deepEqual([await ask('the-cloud-s-token'), await ask('the-cloud-s-new-token')], [401, 200])
})

test('what an operator does is kept, with what came of it', async (t) => {
  const { rig, audit } = await rigWith(t)
  await rig.request('PUT', '/v1/operator/bays/B-17/service', { body: { inService: false } })
  await rig.request('PUT', '/v1/operator/bays/B-99/service', { body: { inService: false } })
  await rig.request('DELETE', '/v1/operator/reservations/r-1')
  assert.deepEqual(
    (await audit()).map(({ party, action, target, outcome }) => `${party} ${action} ${target} ${outcome}`),
    [
      'operator PUT /v1/operator/bays/:bayId/service B-17 done',
      'operator PUT /v1/operator/bays/:bayId/service B-99 bay-unknown',
      'operator DELETE /v1/operator/reservations/:reservationId r-1 reservation-unknown',
    ],
  )
})

test('hostile values in a body are refused by name, on every store alike', async (t) => {
  const { rig, movesNothing } = await rigWith(t)
  await rig.lock('L-17')
  const good = JSON.stringify(reservationOf('B-17'))
  const hostile: Readonly<Record<string, string>> = {
    'a NUL': JSON.stringify(reservationOf('B-17', { userRef: 'a\u0000b' })),
    'half a character': good.replace('user-1', 'user\\ud800'),
    'a line of a log': JSON.stringify(reservationOf('B-17', { userRef: 'a\nb' })),
    'a polluted prototype': good.replace('{', '{"__proto__":{"scopes":["operator"]},'),
    'a polluted constructor': good.replace('{', '{"constructor":{"prototype":{"a":1}},'),
    'eight thousand brackets': '['.repeat(8_000),
    'a value of three thousand levels': good.replace('"user-1"', '['.repeat(3_000) + ']'.repeat(3_000)),
    'an infinite number': good.replace('{', '{"holdSeconds":1e400,'),
    'a number beyond any integer': good.replace('{', '{"holdSeconds":99999999999999999999,'),
    'a number that is none': good.replace(/"latitude":[\d.]+/, '"latitude":NaN'),
    'a list for an object': `[${good}]`,
    'too many bytes': good.replace('user-1', 'x'.repeat(20_000)),
  }
  await movesNothing(async () => {
    for (const [name, body] of Object.entries(hostile)) {
      const headers = { 'Idempotency-Key': 'k' }
      const answer = await rig.request('POST', '/v1/reservations', { body, headers })
      assert.deepEqual([answer.status, answer.body.error], [400, 'request-invalid'], name)
    }
    const headers = { 'Idempotency-Key': 'k', 'Content-Encoding': 'gzip' }
    const bomb = await rig.request('POST', '/v1/reservations', { body: good, headers })
    assert.deepEqual([bomb.status, bomb.body.error], [400, 'request-invalid'], 'a compression that is none')
  })
  const refused = rig.log.all.filter(({ event }) => event === 'request-refused')
  assert.equal(refused.length, Object.keys(hostile).length + 1)
  assert.deepEqual(
    rig.log.all.filter(({ event }) => event === 'request-failed'),
    [],
  )
  assert.equal(({} as { a?: unknown }).a, undefined)
})

test('what a lock says with hostile values is refused and logged, and the link goes on', async (t) => {
  const { rig, movesNothing } = await rigWith(t)
  const lock = await rig.lock('L-17')
  const at = new Date(rig.clock.now()).toISOString()
  const event = (fields: object) => JSON.stringify({ id: 'e-1', at, ...fields })
  const hostile = [
    event({ type: 'bolt-changed', bolt: 'down', correlationId: 'a\u0000' }),
    event({ type: 'bolt-changed', bolt: 'down', id: `e'); DROP TABLE platform_bays; --` }),
    event({ type: 'bolt-changed', bolt: 'down', reservationId: '../r-1' }),
    event({ type: 'gps-fix', location: { latitude: 1e308, longitude: 0 }, hdop: 1 }),
    event({ type: 'bolt-changed', bolt: 'down' }).replace('{', '{"__proto__":{},'),
    event({ type: 'bolt-changed', bolt: 'x'.repeat(20_000) }),
    '['.repeat(10_000),
    '\u0000',
  ]
  await movesNothing(async () => {
    for (const payload of hostile) {
      await lock.babble(payload)
      await rig.logged('lock-message-refused')
    }
  })
  await lock.say({ type: 'occupancy-changed', occupied: true })
  await rig.logged('bay-occupancy')
})

test('a lock that floods is not taken beyond its share, told of once, and holds nobody up', async (t) => {
  const { rig, movesNothing } = await rigWith(t, { limits: { lockMessagesPerMinute: 5 } })
  const flooding = await rig.lock('L-17') // its birth is the first
  for (let i = 0; i < 4; i++) await flooding.say({ type: 'occupancy-changed', occupied: i % 2 === 0 })
  for (let i = 0; i < 4; i++) await rig.logged('lock-event')
  await movesNothing(async () => {
    for (let i = 0; i < 20; i++) await flooding.say({ type: 'bolt-changed', bolt: 'down' })
    const { fields } = await rig.logged('lock-message-refused')
    assert.match(JSON.stringify(fields), /"lockId":"L-17".*too many/)
  })
  const other = await rig.lock('L-18')
  await other.say({ type: 'occupancy-changed', occupied: true })
  await rig.log.next(({ event, fields }) => event === 'lock-event' && fields.lockId === 'L-18')
  assert.equal(rig.log.all.filter(({ event }) => event === 'lock-message-refused').length, 1)
})
