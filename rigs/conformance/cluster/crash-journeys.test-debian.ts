import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashJourneys } from './crash-journeys.js'

const JOURNEYS = 6

test('platform, cloud, broker and store are killed in the middle of journeys, and nothing is lost or doubled', async () => {
  const figures = await crashJourneys({ journeys: JOURNEYS, seed: 7 })
  assert.ok(figures.completed >= JOURNEYS / 2, JSON.stringify(figures))
})
