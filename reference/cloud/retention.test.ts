import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableNames } from '../../rigs/conformance/table-names.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { ManualClock } from '../../rigs/simulated/manual-clock/manual-clock.js'
import { RetentionSweep } from '../sql/retention.js'
import { CloudStore } from './cloud-store.js'
import { CLOUD_RETENTION } from './retention.js'

const DAY_MS = 86_400_000

test('every table of the cloud is in the list of what is kept', async (t) => {
  const store = await openTestStore()
  t.after(() => store.close())
  await CloudStore.open(store, 'one', 0)
  assert.deepEqual(await tableNames(store), Object.keys(CLOUD_RETENTION).sort())
})

test('what is over goes after its days, from when it was found; what is under way stays', async (t) => {
  const store = await openTestStore()
  t.after(() => store.close())
  const clock = new ManualClock(Date.parse('2026-03-01T08:00:00Z'))
  const cloud = await CloudStore.open(store, 'one', clock.now())
  const logged: string[] = []
  const log = { record: (event: string) => void logged.push(event) }
  const sweep = new RetentionSweep({ store, clock, log, tables: CLOUD_RETENTION })
  const count = async (table: string) =>
    Number((await store.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n)
  await cloud.user('o-1', 'u-1')
  await cloud.user('o-2', 'u-2')
  await cloud.takePush('k-1', 'o-1')
  await cloud.takeEvent('e-1')
  for (const [planId, userRef, active] of [
    ['p-1', 'u-1', 0],
    ['p-2', 'u-2', 1],
  ] as const) {
    await store.execute(
      `INSERT INTO cloud_reservations (plan_id, user_ref, bay_id, correlation_id, request, progress, active)
       VALUES (?, ?, 'B-17', 'wx-1', '{}', 0, ?)`,
      [planId, userRef, active],
    )
  }
  await store.execute(`INSERT INTO cloud_outbox VALUES (1, 'wechat', 'o-1', '{}', 'wx-1', NULL)`)
  const kept = async (days: number) => {
    clock.advance(days * DAY_MS)
    sweep.look()
    await sweep.settled()
    return Promise.all(
      ['seen_pushes', 'seen_events', 'reservations', 'outbox', 'users'].map((name) => count(`cloud_${name}`)),
    )
  }
  assert.deepEqual(await kept(0), [1, 1, 2, 1, 2])
  assert.deepEqual(await kept(1), [1, 1, 2, 1, 2])
  assert.deepEqual(await kept(2), [0, 1, 2, 1, 2])
  assert.deepEqual(await kept(5), [0, 1, 2, 0, 2])
  assert.deepEqual(logged, ['messages-lost'])
  assert.deepEqual(await kept(7), [0, 0, 2, 0, 2])
  assert.deepEqual(await kept(90), [0, 0, 1, 0, 2])
})
