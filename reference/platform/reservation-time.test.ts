import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import {
  CORE_HOLD_SECONDS,
  CORE_LOCK_SILENCE_SECONDS,
  CORE_NO_SHOW_SECONDS,
  CORE_UNLOCK_GRACE_SECONDS,
  PlatformCore,
} from '../../rigs/conformance/platform/platform-core.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { ManualClock } from '../../rigs/simulated/manual-clock/manual-clock.js'
import type { SqlStore } from '../ports/sql-store.js'

/** A store on which something happens once, after it has been asked what is due and before that is ended. */
function whatHappensBetween(store: SqlStore, between: { ofSweep?: () => Promise<unknown> }): SqlStore {
  return {
    execute: (sql, params) => store.execute(sql, params),
    transaction: (work) => store.transaction(work),
    close: () => store.close(),
    async query<Row extends object>(...asked: Parameters<SqlStore['query']>) {
      const rows = await store.query<Row>(...asked)
      const { ofSweep } = between
      if (ofSweep && rows.length > 0 && asked[0].startsWith('SELECT reservation_id AS id')) {
        delete between.ofSweep
        await ofSweep()
      }
      return rows
    },
  }
}

/** A bay that is held, of whose lock nothing is heard yet. */
async function heldBay(t: TestContext, between: { ofSweep?: () => Promise<unknown> } = {}) {
  const store = whatHappensBetween(await openTestStore(), between)
  const clock = new ManualClock(Date.parse('2026-03-01T08:00:00Z'))
  let ids = 0
  const core = await PlatformCore.start(
    store,
    clock,
    ['B-1'],
    () => `id-${++ids}`,
    (limit) => ids % limit,
  )
  t.after(async () => {
    await core.stop()
    await store.close()
  })
  await core.status('B-1', { online: true, bolt: 'up', bootCount: 1, occupied: false })
  const location = { latitude: 31.23, longitude: 121.47 }
  const request = { bayId: 'B-1', location, userRef: 'user', symbology: 'qr' as const }
  const held = await core.reservations.reserve({ request, idempotencyKey: 'key' })
  assert.ok('reservationId' in held)
  const { reservationId } = held
  const accepts = (eventId: string) =>
    core.event('B-1', eventId, {
      type: 'reservation-accepted',
      reservationId,
      comparatorReading: 'preset',
      distanceMetres: 0,
    })
  const opens = (eventId: string) =>
    core.event('B-1', eventId, { type: 'bolt-changed', bolt: 'down', reservationId })
  const state = async () => {
    const found = await core.reservations.find(reservationId)
    return 'state' in found ? [found.state, found.reason] : [found.refused]
  }
  return { core, reservationId, request, accepts, opens, state }
}

/** A bay for whose reservation a code was issued. */
async function codedBay(t: TestContext, between: { ofSweep?: () => Promise<unknown> } = {}) {
  const bay = await heldBay(t, between)
  await bay.accepts('e1')
  await bay.core.event('B-1', 'e2', { type: 'unlock-code-requested', reservationId: bay.reservationId })
  return bay
}

/** A bay that has been opened for a reservation, and into which no vehicle has been told to drive. */
async function unlockedBay(t: TestContext) {
  const bay = await codedBay(t)
  await bay.opens('e3')
  return bay
}

test('an unlocked bay into which nobody drives ends as a no-show', async (t) => {
  const { core, state } = await unlockedBay(t)
  await core.advance(CORE_NO_SHOW_SECONDS * 1000 - 1)
  assert.deepEqual(await state(), ['unlocked', undefined])
  await core.advance(1)
  assert.deepEqual(await state(), ['expired', 'no-show'])
})

test('a stay of which only a kept status has told is no no-show', async (t) => {
  const { core, state } = await unlockedBay(t)
  // The event was lost with the link; a kept status may be old, so it moves no reservation by itself.
  await core.status('B-1', { online: true, bolt: 'down', bootCount: 1, occupied: true }, true)
  assert.deepEqual(await state(), ['unlocked', undefined])
  await core.advance(CORE_NO_SHOW_SECONDS * 1000)
  assert.deepEqual(await state(), ['occupied', undefined])
  await core.advance(86_400_000)
  assert.deepEqual(await state(), ['occupied', undefined])
})

const HOLD_MS = CORE_HOLD_SECONDS * 1000
const GRACE_MS = CORE_UNLOCK_GRACE_SECONDS * 1000

test('a code that is shown in the last second opens: its hold waits for word of it', async (t) => {
  const { core, opens, state } = await codedBay(t)
  await core.advance(HOLD_MS + GRACE_MS - 1)
  assert.deepEqual(await state(), ['code-issued', undefined])
  await opens('e3')
  assert.deepEqual(await state(), ['unlocked', undefined])
  await core.advance(HOLD_MS)
  assert.deepEqual(await state(), ['expired', 'no-show'])
})

test('a lock that was cut off while the hold ran out is believed that it opened', async (t) => {
  const { core, opens, state } = await codedBay(t)
  await core.advance(HOLD_MS + GRACE_MS)
  assert.deepEqual(await state(), ['expired', undefined])
  await opens('e3')
  assert.deepEqual(await state(), ['unlocked', undefined])
  const rows = await core.store.query<{ kind: string }>(`SELECT kind FROM platform_outbox ORDER BY sequence`)
  assert.equal(rows.at(-1)?.kind, 'bay-unlocked')
  assert.ok(!rows.some(({ kind }) => kind === 'cancel'), 'the lock must not close behind the driver')
  await core.event('B-1', 'e4', { type: 'occupancy-changed', occupied: true })
  await core.event('B-1', 'e5', { type: 'occupancy-changed', occupied: false })
  assert.deepEqual(await state(), ['completed', undefined])
})

test('not when the bay is another driver’s by then, and not when the driver had cancelled', async (t) => {
  const { core, request, opens, state } = await codedBay(t)
  await core.advance(HOLD_MS + GRACE_MS)
  const other = await core.reservations.reserve({ request, idempotencyKey: 'other' })
  assert.ok('reservationId' in other)
  await opens('e3')
  assert.deepEqual(await state(), ['expired', undefined])
  await core.reservations.cancel(other.reservationId)
  await core.event('B-1', 'e4', { type: 'bolt-changed', bolt: 'down', reservationId: other.reservationId })
  const left = await core.reservations.find(other.reservationId)
  assert.equal('state' in left && left.state, 'cancelled')
})

test('a lock that asks for its code again after the end gets none', async (t) => {
  const { core, reservationId } = await codedBay(t)
  const codes = async () =>
    (await core.store.query(`SELECT sequence FROM platform_outbox WHERE kind = 'unlock-code'`)).length
  await core.store.execute(`DELETE FROM platform_outbox WHERE kind = 'unlock-code'`)
  await core.advance(HOLD_MS)
  await core.event('B-1', 'e3', { type: 'unlock-code-requested', reservationId })
  assert.equal(await codes(), 0)
})

test('a lock that says nothing of a hold is given up: the user hears it, and the lock if it hears', async (t) => {
  const { core, accepts, request, state } = await heldBay(t)
  await core.advance(CORE_LOCK_SILENCE_SECONDS * 1000 - 1)
  assert.deepEqual(await state(), ['held', undefined])
  await core.advance(1)
  assert.deepEqual(await state(), ['refused', 'lock-silent'])
  const sent = await core.store.query<{ kind: string }>('SELECT kind FROM platform_outbox ORDER BY sequence')
  assert.deepEqual(
    sent.map(({ kind }) => kind),
    ['reserve', 'reservation-refused', 'cancel'],
  )
  const alerts = await core.store.query<{ kind: string }>('SELECT kind FROM platform_alerts')
  assert.deepEqual(alerts, [{ kind: 'lock-silent' }])
  await accepts('late')
  assert.deepEqual(await state(), ['refused', 'lock-silent'])
  assert.ok('reservationId' in (await core.reservations.reserve({ request, idempotencyKey: 'next' })))
})

test('one that has accepted is not: its hold lasts as long as was said', async (t) => {
  const { core, accepts, state } = await heldBay(t)
  await accepts('e1')
  await core.advance(HOLD_MS - 1)
  assert.deepEqual(await state(), ['accepted', undefined])
  await core.advance(1)
  assert.deepEqual(await state(), ['expired', undefined])
})

test('a hold that its lock accepts, or opens for, while it is being given up goes on', async (t) => {
  const held: { ofSweep?: () => Promise<unknown> } = {}
  const silent = await heldBay(t, held)
  held.ofSweep = () => silent.accepts('e1')
  await silent.core.advance(CORE_LOCK_SILENCE_SECONDS * 1000)
  assert.equal(held.ofSweep, undefined, 'it was due')
  assert.deepEqual(await silent.state(), ['accepted', undefined])

  const coded: { ofSweep?: () => Promise<unknown> } = {}
  const late = await codedBay(t, coded)
  coded.ofSweep = () => late.opens('e3')
  await late.core.advance(HOLD_MS + GRACE_MS)
  assert.equal(coded.ofSweep, undefined, 'it was due')
  assert.deepEqual(await late.state(), ['unlocked', undefined])
})
