import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { PlatformRig, reservationOf } from '../../rigs/conformance/platform/platform-rig.js'
import { startScriptedCloud } from '../../rigs/conformance/platform/scripted-cloud.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { Reservation } from '../contracts/platform-api.js'
import { webhookSignature } from './webhook-sender.js'

const OTHER = 'the-other-cloud-s-token'

/** With its platform stopped, to be started with parties of the test's own. */
async function rigWith(t: TestContext): Promise<PlatformRig> {
  const rig = await PlatformRig.start(await openTestStore())
  t.after(() => rig.close())
  await rig.stopPlatform()
  return rig
}

async function reserve(rig: PlatformRig, bay: string, key: string, token?: string) {
  const options = { body: reservationOf(bay), headers: { 'Idempotency-Key': key }, ...(token && { token }) }
  return rig.request<Reservation>('POST', '/v1/reservations', options)
}

test('the codes and events of a second cloud reach its own webhook, and never the first one’s', async (t) => {
  const second = await startScriptedCloud()
  t.after(() => second.close())
  const webhook = { url: second.url, secret: 'the-second-webhook-secret', firstRetryMs: 1, longestRetryMs: 5 }
  const parties = [{ name: 'second', secrets: [OTHER], scopes: ['spaces', 'reservations'] as const, webhook }]
  const rig = await rigWith(t)
  await rig.startPlatform({ parties })
  // The first cloud is down, which holds up no other one.
  rig.cloud.refuses = () => 503
  const [lock, firsts] = [await rig.lock('L-17'), await rig.lock('L-18')]
  const { reservationId } = (await reserve(rig, 'B-17', 'k', OTHER)).body
  const first = (await reserve(rig, 'B-18', 'k')).body
  const accept = { type: 'reservation-accepted', comparatorReading: 'preset', distanceMetres: 0 } as const
  for (const [of, id] of [
    [firsts, first.reservationId],
    [lock, reservationId],
  ] as const) {
    await of.command('reserve')
    await of.say({ ...accept, reservationId: id })
    await of.say({ type: 'unlock-code-requested', reservationId: id })
  }
  const issued = await second.event('code-issued')
  assert.equal(issued.code, (await lock.command('unlock-code')).code)
  const delivery = second.deliveries.all.at(-1)
  assert.equal(
    delivery?.signature,
    webhookSignature(webhook.secret, delivery?.timestamp ?? '', delivery?.body ?? ''),
  )
  // A webhook of an earlier release has no party: it is of the one that made the reservation.
  rig.cloud.refuses = () => undefined
  await rig.cloud.event('code-issued')
  await rig.stopPlatform()
  await rig.store.execute(
    `INSERT INTO platform_outbox (sequence, channel, kind, reservation_id, payload) VALUES (999999, 'webhook', 'x', ?, ?)`,
    [reservationId, JSON.stringify({ ...issued, eventId: 'of-before' })],
  )
  await rig.startPlatform({ parties })
  await second.deliveries.next(({ event }) => event.eventId === 'of-before')
  for (const [cloud, id] of [
    [rig.cloud, first.reservationId],
    [second, reservationId],
  ] as const) {
    assert.deepEqual([...new Set(cloud.deliveries.all.map(({ event }) => event.reservationId))], [id])
  }
})

test('a party without a webhook of its own may not reserve, and no two share a name or a webhook', async (t) => {
  const webhook = (url: string) => ({ url, secret: 'a-webhook-secret-of-it' })
  const party = { name: 'second', secrets: [OTHER], scopes: ['reservations'] as const }
  const rig = await rigWith(t)
  for (const parties of [
    [party],
    [{ ...party, webhook: webhook(rig.cloud.url) }],
    [{ ...party, name: 'cloud', webhook: webhook('http://127.0.0.1:9/') }],
    ['a', 'b'].map((path) => ({ ...party, webhook: webhook(`http://127.0.0.1:9/${path}`) })),
  ]) {
    await assert.rejects(rig.startPlatform({ parties }), { name: 'PartiesInvalid' })
  }
  await rig.startPlatform({ parties: [{ ...party, scopes: ['spaces', 'operator'] }] })
})
