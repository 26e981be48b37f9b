import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canLogFuzz } from './can-log-fuzz.js'
import { fuzz } from './fuzz.js'

test('logs of any text are read, or refused with their line', async (t) => {
  const figures = await fuzz(canLogFuzz, { count: 4_000, seed: 3 })
  t.diagnostic(JSON.stringify(figures))
  assert.ok(figures.accepted > 700, `${figures.accepted} accepted`)
  assert.ok((figures.refused['CanLogSyntaxError'] ?? 0) > 700)
})
