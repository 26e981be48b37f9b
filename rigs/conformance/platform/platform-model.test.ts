import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openTestStore } from '../test-store.js'
import { happening, liveThrough } from './platform-against-model.js'

const RUNS = 100
const SEED = 20_261_124

test('whatever happens in whatever order, the platform is where its model is', async () => {
  const reached = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 20, maxLength: 100 }), async (happenings) => {
      const store = await openTestStore()
      try {
        for (const state of await liveThrough(store, happenings)) reached.add(state)
      } finally {
        await store.close()
      }
    }),
    { seed: SEED, numRuns: RUNS },
  )
  assert.deepEqual([...reached].sort(), [
    'accepted',
    'cancelled',
    'code-issued',
    'completed',
    'expired',
    'held',
    'occupied',
    'refused',
    'unlocked',
  ])
})
