import assert from 'node:assert/strict'
import { test } from 'node:test'
import { survive } from './can-log-survival.js'

test('nothing good is lost beside a bad line, whatever the format, and each bad line is reported', async (t) => {
  const figures = await survive({ count: 150, seed: 7 })
  t.diagnostic(JSON.stringify(figures))
  assert.ok(figures.framesPut > 750 && figures.badLines > 350, JSON.stringify(figures))
})
