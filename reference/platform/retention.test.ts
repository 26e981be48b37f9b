import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlatformRig, reservationOf } from '../../rigs/conformance/platform/platform-rig.js'
import { tableNames } from '../../rigs/conformance/table-names.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { ManualClock } from '../../rigs/simulated/manual-clock/manual-clock.js'
import type { Reservation, SpaceList } from '../contracts/platform-api.js'
import { migrate } from '../sql/migrate.js'
import { RetentionSweep } from '../sql/retention.js'
import type { SqlStore } from '../ports/sql-store.js'
import { alertsAfter } from './alerts.js'
import { loadInventory } from './inventory.js'
import { LockMessages } from './lock-messages.js'
import { PLATFORM_MIGRATIONS } from './migrations/platform-migrations.js'
import { ReservationLife } from './reservation-life.js'
import { PLATFORM_RETENTION } from './retention.js'
import { spacesAfter } from './space-list.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

async function countsOf(store: SqlStore): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of await tableNames(store)) {
    counts[table] = Number((await store.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n)
  }
  return counts
}

/** The platform's hold on what one lock says, with its retention, on a clock that the test moves. */
async function heldToLock() {
  const store = await openTestStore()
  const clock = new ManualClock(Date.parse('2026-03-01T08:00:00Z'))
  const logged: string[] = []
  let ids = 0
  const deps = {
    store,
    clock,
    newId: () => `id-${++ids}`,
    random: (limit: number) => limit - 1,
    log: { record: (event: string) => void logged.push(event) },
  }
  await migrate(store, 'platform', PLATFORM_MIGRATIONS, clock.now())
  const bay = { bayId: 'B-17', label: 'B-17', lockId: 'L-17', location: { latitude: 31, longitude: 121 } }
  await loadInventory(store, [{ ...bay, pricePerHourFen: 500 }], 'edition')
  const retention = new RetentionSweep({ ...deps, tables: PLATFORM_RETENTION })
  const nothing = () => undefined
  const messages = new LockMessages(deps, new ReservationLife(deps, { afterSeconds: 600, expect: nothing }), {
    onAnswer: nothing,
    onBirth: nothing,
    onCommit: nothing,
    onTaken: ({ lockId, bayId }) => {
      retention.wrote('lock_id', lockId)
      retention.wrote('bay_id', bayId)
    },
  })
  let events = 0
  return {
    store,
    clock,
    retention,
    logged,
    say: (body: object) => {
      const event = { id: `e-${++events}`, at: new Date(clock.now()).toISOString(), ...body }
      const payload = Buffer.from(JSON.stringify(event))
      return messages.handle({ lockId: 'L-17', channel: 'events', payload, retained: false })
    },
  }
}

test('every table of the platform is in the list of what is kept', async (t) => {
  const store = await openTestStore()
  t.after(() => store.close())
  await migrate(store, 'platform', PLATFORM_MIGRATIONS, 0)
  assert.deepEqual(await tableNames(store), Object.keys(PLATFORM_RETENTION).sort())
})

test('a day of one lock’s flood leaves a bounded store and a short page for the operator', async (t) => {
  const { store, clock, retention, say } = await heldToLock()
  t.after(() => store.close())
  const flood = [
    { type: 'fault', fault: 'jammed' },
    { type: 'code-scanned', verdict: 'foreign', symbology: 'qr' },
    { type: 'bolt-changed', bolt: 'down' },
    { type: 'bolt-changed', bolt: 'up' },
  ]
  for (let hour = 0; hour < 24; hour++) {
    for (let n = 0; n < 200; n++) await say(flood[n % flood.length] ?? {})
    clock.advance(HOUR_MS)
    retention.look()
  }
  await retention.settled()
  const { platform_lock_events: events, platform_alerts: alerts } = await countsOf(store)
  assert.ok(Number(events) <= 3_000, `${events} events`)
  // Two kinds an hour.
  assert.equal(alerts, 48)
  const page = await alertsAfter(store, 0)
  assert.equal(
    page.reduce((sum, { times = 1 }) => sum + times, 0),
    24 * 100,
  )
})

test('of a bay, a lock and a party no more than the newest are kept, however fast they are written', async (t) => {
  const { store, clock, retention } = await heldToLock()
  t.after(() => store.close())
  const most = { platform_history: 10_000, platform_alerts: 1_000, platform_audit: 100_000 }
  await store.transaction(async (session) => {
    for (let n = 1; n <= 1_200; n++) {
      session.write(
        `INSERT INTO platform_alerts (sequence, alert_id, raised_at, bay_id, lock_id, kind)
         VALUES (?, ?, ?, 'B-17', 'L-17', 'jammed')`,
        [n, `a-${n}`, clock.now()],
      )
    }
  })
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)`
  await store.execute(
    `INSERT INTO platform_history (sequence, recorded_at, bay_id, axis, state, cause)
     ${numbers} SELECT i, CAST(? AS BIGINT), 'B-17', 'bolt', 'up', 'x' FROM n`,
    [10_700, clock.now()],
  )
  await store.execute(
    `INSERT INTO platform_audit (sequence, recorded_at, party, action, target, outcome)
     ${numbers} SELECT i, CAST(? AS BIGINT), '?', 'GET *', '/', 'unauthorised' FROM n`,
    [100_600, clock.now()],
  )
  retention.wrote('bay_id', 'B-17')
  retention.wrote('lock_id', 'L-17')
  retention.wrote('party', '?')
  await retention.settled()
  const counts = await countsOf(store)
  for (const [table, rows] of Object.entries(most)) assert.equal(counts[table], rows, table)
  const [oldest] = await store.query<{ at: number }>('SELECT MIN(sequence) AS at FROM platform_history')
  assert.equal(oldest?.at, 701)
})

test('what is over goes after its days; the newest of a bay stays, so that an old cursor misses no change', async (t) => {
  const rig = await PlatformRig.start(await openTestStore())
  t.after(() => rig.close())
  const lock = await rig.lock('L-17')
  const { cursor } = (await rig.request<SpaceList>('GET', '/v1/spaces')).body
  const order = { body: reservationOf('B-17'), headers: { 'Idempotency-Key': 'k' } }
  const { reservationId } = (await rig.request<Reservation>('POST', '/v1/reservations', order)).body
  await lock.command('reserve')
  assert.equal((await rig.request('DELETE', `/v1/reservations/${reservationId}`)).status, 200)
  await rig.cloud.event('reservation-cancelled')
  await rig.stopPlatform()
  const { store, clock } = rig
  const logged: string[] = []
  const log = { record: (event: string) => void logged.push(event) }
  await store.execute(
    `INSERT INTO platform_outbox (sequence, channel, kind, reservation_id, payload)
     VALUES (99999, 'webhook', 'bay-left', ?, '{}')`,
    [reservationId],
  )
  const retention = new RetentionSweep({ store, clock, log, tables: PLATFORM_RETENTION })
  const sweep = async (days: number) => {
    clock.advance(days * DAY_MS)
    retention.look()
    await retention.settled()
    return countsOf(store)
  }
  const at = await sweep(0)
  assert.deepEqual([at['platform_reservations'], at['platform_idempotency_keys']], [1, 1])
  const week = await sweep(8)
  assert.deepEqual(logged, ['webhooks-lost'])
  assert.ok(Number(week['platform_outbox']) <= Number(at['platform_outbox']) - 1)
  const month = await sweep(23)
  assert.equal(month['platform_idempotency_keys'], 0)
  assert.ok(Number(month['platform_history']) > 3)
  const year = await sweep(100)
  const newest = 'SELECT COUNT(DISTINCT bay_id) AS n FROM platform_history'
  const bays = Number((await store.query<{ n: number }>(newest))[0]?.n)
  assert.equal(year['platform_history'], bays)
  const { spaces } = await spacesAfter(store, cursor)
  const changed = []
  for await (const part of spaces) changed.push(part)
  assert.ok(changed.flat().some(({ bayId }) => bayId === 'B-17'))
})
