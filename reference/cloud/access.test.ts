import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { SqlStore } from '../ports/sql-store.js'
import { PushCipher } from '../wechat-wire/push-cipher.js'
import { signPush } from '../wechat-wire/push-signature.js'
import { readXml, textOf, writeXml } from '../wechat-wire/strict-xml.js'
import { cloudWorld, NOW, space } from './fixtures/cloud-world.js'
import { sendPlatformEvent } from './fixtures/other-parties.js'
import { judgeWebhookSignature } from './signatures.js'

test('another user’s reservation cannot be ended, seen or opened by who does not have it', async (t) => {
  const { wechat, ...world } = await cloudWorld(t)
  await world.say('天安门', '1', 'o-owner')
  await world.news('code-issued', { code: '112345678901234567890178', symbology: 'qr' })
  await wechat.messages.first(({ msgtype }) => msgtype === 'image')
  assert.match(await world.say('取消', '2', 'o-thief'), /没有预约/)
  assert.match(await world.say('我的码', '3', 'o-thief'), /没有预约/)
  assert.match(await world.say('状态', '4', 'o-thief'), /没有预约/)
  assert.deepEqual(world.platform.cancelled, [])
  assert.deepEqual(reasons(world.log, 'wish-refused'), Array(3).fill('no-reservation'))
  assert.equal(wechat.messages.all.filter(({ touser }) => touser === 'o-thief').length, 0)
  assert.match(await world.say('我的码', '5', 'o-owner'), /正在发送/)
})

test('a forged place ends in an answer, whatever it points at, and books nothing outside of reach', async (t) => {
  const world = await cloudWorld(t)
  // Where inverses of others never end, beyond the earth, and no numbers at all.
  const forged: [number, number][] = [
    [40, 72.006],
    [0.82965, 110],
    [NaN, 116],
    [Infinity, -Infinity],
    [1e308, 1e308],
    [91, 116],
  ]
  for (const [i, [latitude, longitude]] of forged.entries()) {
    const answer = await world.sendLocation(latitude, longitude, `${100 + i}`)
    assert.doesNotMatch(answer, /已为您预约/)
  }
  assert.equal(world.platform.calls.all.length, 0)
  const refusals = [...reasons(world.log, 'wish-refused'), ...reasons(world.log, 'push-refused')]
  assert.equal(refusals.length, forged.length, 'each is in the log')
  assert.match(await world.say('天安门', '200'), /已为您预约/)
})

test('a push that is replayed later, by whoever caught it, is refused and logged', async (t) => {
  const world = await cloudWorld(t)
  const caught = world.textXml('天安门', '300')
  await world.push(caught)
  await world.say('取消', '301')
  // The same push again: its answer, and no second reservation.
  await world.push(caught)
  assert.equal(world.platform.calls.all.length, 1)
  assert.equal((await world.push(caught, { timestamp: String(NOW / 1000 - 901) })).status, 403)
  assert.ok(world.log.all.some(({ event }) => event === 'push-refused'))
})

test('while the webhook’s secret is replaced both are good; a third moves nothing', async (t) => {
  const body = Buffer.from('{}')
  const timestamp = String(NOW / 1000)
  const signed = (secret: string) => ({
    timestamp,
    body,
    signature: `sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`,
  })
  const judge = (secret: string) => judgeWebhookSignature(signed(secret), ['old', 'new'], NOW, 900)
  assert.deepEqual([judge('old'), judge('new'), judge('guessed')], ['good', 'good', 'signature-wrong'])

  const { cloud, wechat, ...world } = await cloudWorld(t, { spaces: [space('B-17')] })
  await world.say('天安门')
  const event = {
    eventId: 'forged',
    type: 'bay-unlocked',
    at: new Date(NOW).toISOString(),
    bayId: 'B-17',
    reservationId: 'r-B-17',
  } as const
  assert.equal(await sendPlatformEvent(cloud.url, event, NOW, 'guessed'), 401)
  assert.equal(await world.news('reservation-accepted'), 204)
  await wechat.messages.first(({ text }) => /车锁已确认/.test(text?.content ?? ''))
  assert.equal(wechat.messages.all.filter(({ text }) => /已开锁/.test(text?.content ?? '')).length, 0)
  assert.ok(world.log.all.some(({ event: name }) => name === 'webhook-refused'))
})

const TIME = String(NOW / 1000)
/** The query of a push under a signature that somebody has caught. */
const caught = { timestamp: TIME, nonce: 'caught', signature: signPush('AAAAA', TIME, 'caught') }

const reasons = (
  log: { all: { event: string; fields: Readonly<Record<string, unknown>> }[] },
  event: string,
) => log.all.filter((entry) => entry.event === event).map(({ fields }) => fields['reason'])

/** Everything that the cloud keeps, but what says who has seen what. */
async function kept(store: SqlStore) {
  const tables = ['cloud_users', 'cloud_reservations', 'cloud_outbox']
  const rows = await Promise.all(
    tables.map((table) => store.query<{ found_at?: unknown }>(`SELECT * FROM ${table} ORDER BY 1`)),
  )
  // When the retention has found a row says nothing about what a request has moved.
  return rows.map((table) => table.map(({ found_at: _, ...row }) => row))
}

/** Instances on one store, which outlives them. */
async function sharedStore(t: { after(end: () => Promise<void>): void }) {
  const store = await openTestStore()
  t.after(() => store.close())
  const lasting: SqlStore = {
    execute: (sql, params) => store.execute(sql, params),
    query: (sql, params) => store.query(sql, params),
    transaction: (work) => store.transaction(work),
    close: async () => undefined,
  }
  return lasting
}

test('the caught signature of a plain push makes no other push good, at no instance and after no restart', async (t) => {
  const store = await sharedStore(t)
  const world = await cloudWorld(t, { store, instance: 'one' })
  assert.equal((await world.push(world.textXml('帮助', '400'), caught)).status, 200)
  const before = await kept(store)
  const forged = world.textXml('天安门', '401', 'o-victim')
  assert.deepEqual(await world.push(forged, caught), { status: 403, body: 'signature-used' })
  const other = await cloudWorld(t, { store, instance: 'two' })
  assert.deepEqual(await other.push(forged, caught), { status: 403, body: 'signature-used' })
  assert.deepEqual(reasons(world.log, 'push-refused'), ['signature-used'])
  assert.deepEqual(reasons(other.log, 'push-refused'), ['signature-used'])
  assert.equal(world.platform.calls.all.length + other.platform.calls.all.length, 0)
  assert.deepEqual(await kept(store), before)
  // WeChat's own repetition has the signature too.
  assert.equal((await world.push(world.textXml('帮助', '400'), caught)).status, 200)
})

test('a replayed push or webhook moves nothing at another instance, or after a restart', async (t) => {
  const store = await sharedStore(t)
  const first = await cloudWorld(t, { store, instance: 'one' })
  const push = first.textXml('天安门', '410')
  const answer = await first.push(push, caught)
  const news = {
    eventId: 'told',
    type: 'reservation-accepted',
    at: new Date(NOW).toISOString(),
    bayId: 'B-17',
    reservationId: 'r-B-17',
  } as const
  assert.equal(await sendPlatformEvent(first.cloud.url, news, NOW), 204)
  await first.wechat.messages.first(({ text }) => /车锁已确认/.test(text?.content ?? ''))
  await first.cloud.close()
  const before = await kept(store)
  const second = await cloudWorld(t, { store, instance: 'two' })
  assert.equal((await second.push(push, caught)).body, answer.body)
  assert.equal(await sendPlatformEvent(second.cloud.url, news, NOW), 204)
  assert.equal(await sendPlatformEvent(second.cloud.url, { ...news, eventId: 'late' }, NOW - 901_000), 401)
  assert.deepEqual(reasons(second.log, 'webhook-refused'), ['timestamp-outside-window'])
  assert.ok(second.log.all.some(({ event }) => event === 'push-repeated'))
  assert.deepEqual(reasons(second.log, 'platform-event-ignored'), ['repeated'])
  assert.equal(second.platform.calls.all.length, 0)
  assert.deepEqual(await kept(store), before)
})

test('while WeChat’s Token and key are replaced, pushes under the old ones are answered under them', async (t) => {
  const [oldKey, newKey, strange] = ['a1', 'b2', 'c3'].map((two) => two.repeat(21) + 'Z') as [
    string,
    string,
    string,
  ]
  const world = await cloudWorld(t, { token: ['new', 'old'], aesKey: [newKey, oldKey] })
  const sealed = async (token: string, key: string, id: string) => {
    const ciphertext = new PushCipher(key, 'wx1').encrypt(world.textXml('帮助', id), Buffer.alloc(16, 1))
    const { status, body } = await world.push(writeXml({ ToUserName: 'gh_1', Encrypt: ciphertext }), {
      nonce: id,
      signature: signPush(token, TIME, id),
      encrypt_type: 'aes',
      msg_signature: signPush(token, TIME, id, ciphertext),
    })
    if (status !== 200) return status
    const fields = readXml(body)
    const reply = textOf(fields, 'Encrypt')
    assert.equal(textOf(fields, 'MsgSignature'), signPush(token, TIME, id, reply))
    assert.match(new PushCipher(key, 'wx1').decrypt(reply), /发送目的地/)
    return status
  }
  assert.deepEqual(
    [await sealed('new', newKey, '1'), await sealed('old', oldKey, '2'), await sealed('new', oldKey, '3')],
    [200, 200, 200],
  )
  assert.equal(await sealed('new', strange, '4'), 403)
  assert.equal(await sealed('older', newKey, '5'), 403)
  assert.deepEqual(reasons(world.log, 'push-refused'), [
    'the push cannot be opened: padding-wrong',
    'signature-wrong',
  ])
})

test('of a flood of forged pushes and webhooks a few are written; who has the secrets is answered all the same', async (t) => {
  const world = await cloudWorld(t, { failuresPerMinute: 3 })
  const statuses: number[] = []
  for (let i = 0; i < 3; i++) {
    statuses.push((await world.push(world.textXml('天安门'), { signature: 'f'.repeat(40) })).status)
  }
  const event = { eventId: 'f', type: 'bay-left', at: new Date(NOW).toISOString(), bayId: 'B-17' } as const
  for (let i = 0; i < 3; i++) statuses.push(await sendPlatformEvent(world.cloud.url, event, NOW, 'guessed'))
  assert.deepEqual(statuses, [403, 403, 403, 429, 429, 429])
  assert.deepEqual(reasons(world.log, 'push-refused').length, 3)
  assert.deepEqual(reasons(world.log, 'webhook-refused'), [])
  assert.equal(world.platform.calls.all.length, 0)
  assert.match(await world.say('天安门', '500'), /已为您预约/)
  assert.equal(await world.news('reservation-accepted'), 204)
})

test('a car’s code that would reach into others’ topics binds no car', async (t) => {
  const world = await cloudWorld(t)
  for (const scene of ['+', '#', 'EV-1/commands', '../locks/L-17', 'EV 1', 'E\u0301V', 'x'.repeat(65)]) {
    await world.follow(scene)
  }
  assert.match(await world.say('天安门', '600'), /已为您预约/)
  assert.equal(reasons(world.log, 'scene-refused').length, 7)
  assert.equal(world.commands.all.length, 0)
})

test('a webhook with hostile values, too long or no JSON is refused by name, and moves nothing', async (t) => {
  const store = await sharedStore(t)
  const world = await cloudWorld(t, { store })
  await world.say('天安门', '700')
  const before = await kept(store)
  const good = {
    eventId: 'h',
    type: 'bay-unlocked',
    at: new Date(NOW).toISOString(),
    bayId: 'B-17',
    reservationId: 'r-B-17',
  }
  const bodies: [string, number][] = [
    [JSON.stringify({ ...good, reason: 'a\u0000' }), 400],
    [JSON.stringify({ ...good, correlationId: 'a\r\nX-A: b' }), 400],
    [JSON.stringify({ ...good, bayId: `B-17'; --` }), 400],
    [JSON.stringify(good).replace('{', '{"__proto__":{"type":"bay-left"},'), 400],
    ['['.repeat(30_000), 400],
    ['null', 400],
    [JSON.stringify({ ...good, reason: 'x'.repeat(70_000) }), 413],
  ]
  for (const [body, status] of bodies) {
    const mac = createHmac('sha256', 'webhook-secret').update(`${TIME}.${body}`).digest('hex')
    const headers = { 'x-lockstep-timestamp': TIME, 'x-lockstep-signature': `sha256=${mac}` }
    const answer = await fetch(`${world.cloud.url}/platform/events`, { method: 'POST', body, headers })
    assert.equal(answer.status, status, body.slice(0, 80))
  }
  assert.equal(reasons(world.log, 'webhook-refused').length, 6)
  assert.equal(world.log.all.filter(({ event }) => event === 'request-failed').length, 1)
  assert.deepEqual(await kept(store), before)
})
