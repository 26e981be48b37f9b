import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startPostgresServer } from '../../debian-services/postgres-server.js'
import { openPostgresStore } from '../../drivers/postgres/postgres-store.js'
import { raceForTheLastSpace } from './last-space.js'

test('200 users on the last space: one winner, no orphan hold, on three instances on PostgreSQL', async (t) => {
  const server = await startPostgresServer()
  t.after(() => server.close())
  const url = server.url('last_space')
  const stores = await Promise.all([url, url, url].map((one) => openPostgresStore(one)))
  const figures = await raceForTheLastSpace(stores, { rounds: 5, users: 200, seed: 20_262 })
  for (const store of stores) await store.close()
  assert.equal(figures.winners, 5)
})
