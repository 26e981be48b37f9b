import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kneeOf } from './fleet-knee.js'
import { measurePlans } from './measure-plans.js'
import { platformTables } from './platform-tables.js'

test('plans are measured on a platform whose spaces change', async () => {
  const row = await measurePlans(500, 20, 1)
  assert.deepEqual([row.spaces, row.plans], [500, 20])
  assert.ok(row.found > 0 && row.found <= 20)
  assert.ok(row.p99Ms >= row.p50Ms && row.p50Ms > 0)
})

test('a store that is not here is told with what is lacking; shares are of the bare inserts', () => {
  const rate = { perSecond: 1_000, p50Ms: 1, p99Ms: 2 }
  const text = platformTables({
    machine: { processor: 'a processor', cores: 2, node: 'v20' },
    seed: 1,
    reservations: [
      {
        store: 'libsql',
        bareInserts: rate,
        oneByOne: { ...rate, perSecond: 610 },
        together: { ...rate, perSecond: 4_000, users: 32 },
        share: { oneByOne: 0.61, together: 4 },
      },
      { store: 'postgres', unavailable: 'apt-get install postgresql' },
    ],
    fleets: { pace: 30, rows: [{ locks: 100, pace: 30, failed: 'exit 3: no multicast' }], knee: kneeOf([]) },
    plans: [
      {
        spaces: 3_000,
        plans: 1_000,
        found: 990,
        listMs: 80,
        listHoldsUpMs: 12,
        p50Ms: 1.2,
        p99Ms: 4.5,
        processorP50Ms: 1,
        processorP99Ms: 2.5,
      },
    ],
  })
  assert.match(text, /^libsql: reservations, one by one +610 +1\.00 +2\.00 +61 %$/m)
  assert.match(text, /^postgres: not here; apt-get install postgresql$/m)
  assert.match(text, /^100: exit 3: no multicast$/m)
  assert.match(text, /^3000 +990\/1000 +1\.20 +4\.50 +1\.00 +2\.50 +80 +12$/m)
})
