import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz.js'
import { slcanFuzz } from './slcan-fuzz.js'

test('SLCAN streams of any bytes are read or refused by name, and sound frames behind them are heard', async (t) => {
  const figures = await fuzz(slcanFuzz, { count: 20_000, seed: 74 })
  t.diagnostic(JSON.stringify(figures))
  assert.ok(figures.accepted > 2_000, `${figures.accepted} accepted`)
  assert.ok((figures.refused['InvalidSlcanLine'] ?? 0) > 2_000)
})
