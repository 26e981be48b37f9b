import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz.js'
import { udpFuzz } from './udp-fuzz.js'

const COUNT = 20_000

test(`${udpFuzz.name}: ${COUNT} inputs are accepted or refused by name`, async (t) => {
  const figures = await fuzz(udpFuzz, { count: COUNT, seed: 1 })
  t.diagnostic(JSON.stringify(figures))
  assert.ok(figures.accepted > COUNT / 10, 'sound inputs come through')
  assert.ok(COUNT - figures.accepted > COUNT / 10, 'others do not')
})
