import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from '../test-store.js'
import { raceForTheLastSpace } from './last-space.js'

test('200 users on the last space: one winner, no orphan hold', async () => {
  const store = await openTestStore()
  const figures = await raceForTheLastSpace([store], { rounds: 10, users: 200, seed: 20_261 })
  await store.close()
  assert.equal(figures.winners, 10)
})
