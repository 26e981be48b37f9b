import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz.js'
import { isoTpFuzz } from './iso-tp-fuzz.js'

test('any sequence of frames leaves an ISO-TP link at rest and sound', async (t) => {
  const { accepted, refused, slowestMs } = await fuzz(isoTpFuzz, { count: 10_000, seed: 15_765 })
  t.diagnostic(`${accepted} accepted, ${JSON.stringify(refused)}, slowest ${Math.round(slowestMs)} ms`)
  assert.ok(accepted > 1_000)
  const deep = [
    'IsoTpInterrupted',
    'IsoTpInvalidFlowStatus',
    'IsoTpOverflow',
    'IsoTpTimeout',
    'IsoTpWaitLimit',
    'IsoTpWrongSequence',
  ]
  assert.deepEqual(
    deep.filter((name) => !refused[name]),
    [],
  )
})
