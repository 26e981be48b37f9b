import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { CORE_NO_SHOW_SECONDS, PlatformCore } from '../../rigs/conformance/platform/platform-core.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { ManualClock } from '../../rigs/simulated/manual-clock/manual-clock.js'

/** A bay that has been opened for a reservation, and into which no vehicle has been told to drive. */
async function unlockedBay(t: TestContext) {
  const store = await openTestStore()
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
  await core.event('B-1', 'e1', {
    type: 'reservation-accepted',
    reservationId,
    comparatorReading: 'preset',
    distanceMetres: 0,
  })
  await core.event('B-1', 'e2', { type: 'unlock-code-requested', reservationId })
  await core.event('B-1', 'e3', { type: 'bolt-changed', bolt: 'down', reservationId })
  const state = async () => {
    const found = await core.reservations.find(reservationId)
    return 'state' in found ? [found.state, found.reason] : [found.refused]
  }
  return { core, state }
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
