import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { ManualClock } from '../../rigs/simulated/manual-clock/manual-clock.js'
import type { VehicleCommand, VehicleEvent } from '../contracts/vehicle-link.js'
import { migrate } from '../sql/migrate.js'
import { Inbox } from './fixtures/inbox.js'
import { CLOUD_MIGRATIONS } from './migrations/cloud-migrations.js'
import { VehicleNews } from './vehicle-news.js'

const START = Date.parse('2026-01-01T00:00:00Z')

/** A cloud's news for cars, on a link that the test holds the other end of. */
async function newsToCars(t: TestContext) {
  const store = await openTestStore()
  const clock = new ManualClock(START)
  await migrate(store, 'cloud', CLOUD_MIGRATIONS, START)
  const sent = new Inbox<{
    readonly n: number
    readonly vehicleId: string
    readonly command: VehicleCommand
  }>()
  let nowMs = 0
  let ids = 0
  const news = new VehicleNews({
    sql: store,
    clock,
    link: {
      send: async (vehicleId, command) => {
        sent.put({ n: sent.all.length + 1, vehicleId, command })
        return 'sent'
      },
    },
    log: { record: () => undefined },
    newId: () => `c-${++ids}`,
    onDuty: () => true,
    monotonicMs: () => nowMs,
  })
  t.after(async () => {
    await news.close()
    await store.close()
  })
  const event = (body: Omit<VehicleEvent, 'id' | 'at'>): VehicleEvent => ({
    id: 'e',
    at: '2026-01-01T00:00:00Z',
    ...body,
  })
  return {
    news,
    clock,
    sent,
    post: async (vehicleId: string, state: 'reserved' | 'unlocked') => {
      const body = { type: 'plan-state', planId: 'plan-1', state } as const
      await store.transaction(async (session) => news.post(session, vehicleId, body, 'wish-1'))
      await news.kick()
    },
    /** The n-th that is sent, as car and id. */
    nth: async (n: number) => {
      const { vehicleId, command } = await sent.first((each) => each.n === n)
      return [vehicleId, command.id]
    },
    says: (vehicleId: string, body: Omit<VehicleEvent, 'id' | 'at'>) => news.take(vehicleId, event(body)),
    passes: (ms: number) => {
      nowMs += ms
      news.look()
    },
    waiting: async () => (await store.query('SELECT sequence FROM cloud_outbox')).length,
  }
}

test('a car gets the next command when it has answered the one before; other cars do not wait', async (t) => {
  const { post, nth, says, sent } = await newsToCars(t)
  await post('EV-1', 'reserved')
  await post('EV-1', 'unlocked')
  await post('EV-2', 'reserved')
  assert.deepEqual(
    [await nth(1), await nth(2)],
    [
      ['EV-1', 'c-1'],
      ['EV-2', 'c-3'],
    ],
  )
  // Of another car, or of another command, it is no answer.
  says('EV-2', { type: 'plan-shown', commandId: 'c-1' })
  says('EV-1', { type: 'plan-shown', commandId: 'c-2' })
  says('EV-1', { type: 'plan-shown', commandId: 'c-1' })
  assert.deepEqual(await nth(3), ['EV-1', 'c-2'])
  assert.equal(sent.all.length, 3)
})

test('a T-BOX of before 1.2.0 answers by plan and state', async (t) => {
  const { post, nth, says } = await newsToCars(t)
  await post('EV-1', 'reserved')
  await post('EV-1', 'unlocked')
  await nth(1)
  says('EV-1', { type: 'plan-shown', planId: 'plan-1', state: 'unlocked' })
  says('EV-1', { type: 'plan-failed', planId: 'plan-1', state: 'reserved', reason: 'no-answer' })
  assert.deepEqual(await nth(2), ['EV-1', 'c-2'])
})

test('a car that is silent gets a command three times, then the next, and all of it when it is back', async (t) => {
  const { post, nth, says, passes, waiting } = await newsToCars(t)
  await post('EV-1', 'reserved')
  await post('EV-1', 'unlocked')
  await nth(1)
  passes(3_000)
  assert.deepEqual(await nth(2), ['EV-1', 'c-1'])
  passes(6_000)
  assert.deepEqual(await nth(3), ['EV-1', 'c-1'])
  passes(12_000)
  assert.deepEqual(await nth(4), ['EV-1', 'c-2'])
  says('EV-1', { type: 'born' })
  assert.deepEqual(await nth(5), ['EV-1', 'c-1'])
  says('EV-1', { type: 'plan-shown', commandId: 'c-1' })
  assert.deepEqual(await nth(6), ['EV-1', 'c-2'])
  assert.equal(await waiting(), 1)
})

test('what a broker may have lost goes again when it is back, and nothing after its life', async (t) => {
  const { news, post, nth, clock, waiting, sent } = await newsToCars(t)
  await post('EV-1', 'reserved')
  await nth(1)
  news.connected()
  assert.deepEqual(await nth(2), ['EV-1', 'c-1'])
  clock.advance(600_000)
  news.connected()
  while ((await waiting()) > 0) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(sent.all.length, 2)
})
