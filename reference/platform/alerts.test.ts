import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { PlatformClient } from '../../rigs/bench/people/platform-client.js'
import { PlatformRig } from '../../rigs/conformance/platform/platform-rig.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { FaultDetail } from '../contracts/lock-link.js'
import type { Alert } from '../contracts/platform-api.js'

async function rigWithLock(t: TestContext) {
  const rig = await PlatformRig.start(await openTestStore())
  t.after(() => rig.close())
  const lock = await rig.lock('L-17')
  const after = async (sequence: number) =>
    (await rig.request<{ alerts: Alert[] }>('GET', `/v1/operator/alerts?after=${sequence}`)).body.alerts
  return { rig, lock, after }
}

test('what repeats within an hour is one alert, which counts up and comes again to who pages', async (t) => {
  const { rig, lock, after } = await rigWithLock(t)
  const senses = async (detail: FaultDetail) => {
    await lock.say({ type: 'fault', fault: 'sensor-fault', detail })
    await rig.logged('alert')
  }
  await senses('both-limits')
  const [first] = await after(0)
  assert.ok(first?.sequence)
  await lock.say({ type: 'code-scanned', verdict: 'foreign', symbology: 'qr' })
  await rig.logged('alert')
  rig.clock.advance(60_000)
  await senses('limit-closed')
  const [foreign, repeated, ...others] = await after(first.sequence)
  assert.deepEqual(others, [])
  assert.equal(foreign?.kind, 'foreign-code')
  const { sequence, ...seen } = repeated ?? {}
  assert.ok(Number(sequence) > first.sequence)
  assert.deepEqual(seen, {
    alertId: first.alertId,
    at: '2026-03-01T08:00:00.000Z',
    lastAt: '2026-03-01T08:01:00.000Z',
    times: 2,
    lockId: 'L-17',
    bayId: 'B-17',
    kind: 'lock-fault',
    detail: 'sensor-fault: limit-closed',
  })
  rig.clock.advance(3_600_000)
  await senses('both-limits')
  const all = await after(0)
  assert.equal(all.length, 3)
  assert.notEqual(all[2]?.alertId, first.alertId)
})

test('alerts are paged, and an operator’s client reads all pages', async (t) => {
  const { rig, after } = await rigWithLock(t)
  for (let n = 1; n <= 1_001; n++) {
    await rig.store.execute(
      `INSERT INTO platform_alerts (sequence, alert_id, raised_at, bay_id, lock_id, kind, subject, times)
       VALUES (?, ?, ?, 'B-17', 'L-17', 'jammed', ?, 1)`,
      [100_000 + n, `a-${n}`, rig.clock.now(), `s-${n}`],
    )
  }
  const page = await after(0)
  assert.equal(page.length, 1_000)
  assert.deepEqual(
    (await after(page.at(-1)?.sequence ?? 0)).map(({ alertId }) => alertId),
    ['a-1001'],
  )
  assert.equal((await new PlatformClient(rig.url, 'the-operator-s-token').alerts()).length, 1_001)
  const refused = await rig.request('GET', '/v1/operator/alerts?after=x')
  assert.deepEqual([refused.status, refused.body.error], [400, 'request-invalid'])
})
