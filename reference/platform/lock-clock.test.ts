import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { PlatformCore } from '../../rigs/conformance/platform/platform-core.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { ManualClock } from '../../rigs/simulated/manual-clock/manual-clock.js'
import type { LockCommand } from '../contracts/lock-link.js'
import { CLOCK_TOLERANCE_MS, clockAheadMs } from './lock-clock.js'

const START = Date.parse('2026-03-01T08:00:00Z')
const HOUR = 3_600_000

test('a time of the future is ahead, an answer before its question behind, a quick answer right', () => {
  const at = (saidMs: number, askedMs?: number) =>
    clockAheadMs({
      saidAtMs: START + saidMs,
      receivedAtMs: START,
      askedAtMs: askedMs === undefined ? undefined : START + askedMs,
    })
  assert.equal(at(CLOCK_TOLERANCE_MS), undefined)
  assert.equal(at(CLOCK_TOLERANCE_MS + 1), CLOCK_TOLERANCE_MS + 1)
  // What waited for a lost link.
  assert.equal(at(-HOUR), undefined)
  assert.equal(at(-HOUR, -2 * HOUR), undefined)
  assert.equal(at(-HOUR, -1), 1 - HOUR)
  assert.equal(at(CLOCK_TOLERANCE_MS, -10_000), 0)
  assert.equal(at(0, -10_001), undefined)
})

/** A bay whose lock goes by a clock of its own. */
async function bayWithClock(t: TestContext) {
  const store = await openTestStore()
  const clock = new ManualClock(START)
  let ids = 0
  const newId = () => `id-${++ids}`
  const core = await PlatformCore.start(store, clock, ['B-1'], newId, (limit) => ids % limit)
  t.after(async () => {
    await core.stop()
    await store.close()
  })
  await core.status('B-1', { online: true, bolt: 'up', bootCount: 1, occupied: false })
  const reports = async () => {
    const rows = await store.query<{ payload: string }>(
      `SELECT payload FROM platform_outbox WHERE kind = 'report' ORDER BY sequence`,
    )
    return rows.map(({ payload }) => JSON.parse(payload) as LockCommand)
  }
  return {
    core,
    store,
    reports,
    /** The lock says something. @param aheadMs of its clock */
    says: (aheadMs: number) =>
      core.event('B-1', newId(), { type: 'code-stored', reservationId: 'none' }, aheadMs),
    /** The lock answers the newest question about its clock. */
    answers: async (aheadMs: number) => {
      const commandId = (await reports()).at(-1)?.id ?? ''
      // As when it was sent.
      await store.execute(`UPDATE platform_outbox SET command_id = ? WHERE kind = 'report'`, [commandId])
      const body = { type: 'command-result', commandId, outcome: 'done', bolt: 'up', moves: 0 } as const
      await core.event('B-1', newId(), { ...body, reservationId: null }, aheadMs)
    },
    space: async () => (await core.spaces())[0],
    alerts: () =>
      store.query<{ kind: string; detail: string }>(
        `SELECT kind, detail FROM platform_alerts WHERE kind = 'clock-drift'`,
      ),
  }
}

for (const [name, aheadMs, detail] of [
  ['ahead', 2 * HOUR, '7200 s ahead at least'],
  ['behind', -HOUR, '3600 s behind at least'],
] as const) {
  test(`a lock whose clock is ${name} is asked, found out, told of, and offered to nobody until it is right`, async (t) => {
    const bay = await bayWithClock(t)
    const { core, reports, answers, space, alerts } = bay
    if (name === 'ahead') await bay.says(aheadMs)
    else await askedByAnOperator(bay, aheadMs)
    assert.equal((await reports()).length, 1)
    assert.equal((await space())?.lockClockAheadSeconds, undefined)
    assert.deepEqual(await alerts(), [])
    await answers(aheadMs)
    assert.deepEqual(await alerts(), [{ kind: 'clock-drift', detail }])
    assert.deepEqual(
      [(await space())?.lockHealth, (await space())?.lockClockAheadSeconds],
      ['fault', aheadMs / 1000],
    )
    const location = { latitude: 31.23, longitude: 121.47 }
    const request = { bayId: 'B-1', location, userRef: 'user', symbology: 'qr' as const }
    const refused = await core.reservations.reserve({ request, idempotencyKey: 'one' })
    assert.equal('refused' in refused && refused.refused, 'bay-out-of-service')

    // Asked again when it is heard of, but not at every word.
    const status = { online: true, bolt: 'up', bootCount: 1 } as const
    await core.status('B-1', { ...status, batteryVolts: 12.1 })
    assert.equal((await reports()).length, 0)
    await core.advance(60_000)
    await core.status('B-1', { ...status, batteryVolts: 12.2 })
    await answers(0)
    assert.deepEqual([(await space())?.lockHealth, (await space())?.lockClockAheadSeconds], ['ok', undefined])
    assert.ok('reservationId' in (await core.reservations.reserve({ request, idempotencyKey: 'two' })))
    assert.equal((await alerts()).length, 1)
  })
}

test('one that looked wrong and answers right is no matter, nor is a word that was long on its way', async (t) => {
  const { says, answers, reports, alerts, space } = await bayWithClock(t)
  await says(-HOUR)
  assert.deepEqual(await reports(), [])
  await says(HOUR)
  await says(HOUR)
  assert.equal((await reports()).length, 1)
  await answers(0)
  assert.deepEqual(await alerts(), [])
  assert.equal((await space())?.lockClockAheadSeconds, undefined)
})

/** A clock that is behind shows in an answer only. */
async function askedByAnOperator(
  { core, store, says }: Awaited<ReturnType<typeof bayWithClock>>,
  aheadMs: number,
) {
  await says(0)
  const at = new Date(core.clock.now()).toISOString()
  await store.execute(
    `INSERT INTO platform_outbox (sequence, channel, lock_id, kind, payload, expires_at, at_once, command_id)
     VALUES (1000, 'lock', 'L-B-1', 'lock', ?, ?, 1, 'by-hand')`,
    [JSON.stringify({ id: 'by-hand', issuedAt: at, expiresAt: at, type: 'lock' }), core.clock.now() + 60_000],
  )
  const body = {
    type: 'command-result',
    commandId: 'by-hand',
    outcome: 'done',
    bolt: 'up',
    moves: 0,
  } as const
  await core.event('B-1', 'by-hand-done', { ...body, reservationId: null }, aheadMs)
}
