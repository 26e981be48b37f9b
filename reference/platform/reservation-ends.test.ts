import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { PlatformRig } from '../../rigs/conformance/platform/platform-rig.js'
import { ReservationDriver } from '../../rigs/conformance/platform/reservation-driver.js'
import type { ScriptedLock } from '../../rigs/conformance/platform/scripted-lock.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { BayTransition, Reservation, Space } from '../contracts/platform-api.js'

describe('a reservation', () => {
  let rig: PlatformRig
  let lock: ScriptedLock
  let driver: ReservationDriver

  beforeEach(async () => {
    rig = await PlatformRig.start(await openTestStore())
    lock = await rig.lock('L-17')
    driver = new ReservationDriver(rig, lock)
  })
  afterEach(() => rig.close())

  const space = async () => (await rig.request<Space>('GET', '/v1/spaces/B-17')).body
  const stateOf = async (id: string) =>
    (await rig.request<Reservation>('GET', `/v1/reservations/${id}`)).body.state

  it('ends when no vehicle comes to the bay that was opened for it, also over a restart', async () => {
    await driver.untilUnlocked()
    await rig.stopPlatform()
    await rig.startPlatform()
    rig.clock.advance(1_800_000)
    const { reason } = await rig.cloud.event('reservation-expired')
    assert.equal(reason, 'no-show')
    assert.equal((await lock.command('cancel')).reason, 'expired')
    assert.equal((await space()).reservation, 'none')
  })

  it('lasts while a vehicle stands in the bay, for as long as that may be', async () => {
    const { reservationId } = await driver.untilCode()
    await lock.say({ type: 'bolt-changed', bolt: 'down', reservationId })
    await lock.say({ type: 'occupancy-changed', occupied: true })
    await rig.cloud.event('bay-occupied')
    rig.clock.advance(86_400_000)
    assert.equal(await stateOf(reservationId), 'occupied')
  })

  it('is ended by an operator in whatever state it is', async () => {
    const reservationId = await driver.untilUnlocked()
    const path = `/v1/operator/reservations/${reservationId}`
    const foreign = await rig.request('DELETE', path, { token: 'the-cloud-s-token' })
    assert.equal(foreign.status, 401)
    for (let times = 0; times < 2; times++) {
      const ended = await rig.request<Reservation>('DELETE', path)
      assert.deepEqual([ended.status, ended.body.state, ended.body.reason], [200, 'cancelled', 'operator'])
    }
    assert.equal((await rig.cloud.event('reservation-cancelled')).reason, 'operator')
    assert.equal((await lock.command('cancel')).reservationId, reservationId)
  })

  it('is lost when the bay goes out of service, and none is made until it is back', async () => {
    const { reservationId } = (await driver.reserve()).body
    const path = '/v1/operator/bays/B-17/service'
    const out = await rig.request<Space>('PUT', path, { body: { inService: false } })
    assert.deepEqual([out.status, out.body.inService, out.body.reservation], [200, false, 'none'])
    assert.equal((await rig.cloud.event('reservation-cancelled')).reason, 'out-of-service')
    assert.equal(await stateOf(reservationId), 'cancelled')
    const refused = await driver.reserve()
    assert.deepEqual([refused.status, refused.body.error], [409, 'bay-out-of-service'])
    await rig.request('PUT', path, { body: { inService: true } })
    assert.equal((await driver.reserve()).status, 201)
    assert.equal((await rig.request('PUT', path, { body: { inService: 'no' } })).status, 400)
    const unknown = await rig.request('PUT', '/v1/operator/bays/B-99/service', { body: { inService: false } })
    assert.equal(unknown.body.error, 'bay-unknown')
  })

  it('leaves a history of every transition on every axis, which can be read on', async () => {
    const { reservationId } = await driver.untilCode()
    await rig.request('PUT', '/v1/operator/bays/B-17/service', { body: { inService: false } })
    await rig.cloud.event('reservation-cancelled')
    const read = async (after: string) =>
      (
        await rig.request<{ transitions: BayTransition[] }>(
          'GET',
          `/v1/operator/bays/B-17/history?after=${after}`,
        )
      ).body.transitions
    const all = await read('0')
    assert.deepEqual(
      all.filter(({ axis }) => axis === 'reservation').map((each) => [each.state, each.reservationId]),
      ['held', 'accepted', 'code-issued', 'cancelled'].map((state) => [state, reservationId]),
    )
    assert.deepEqual(
      new Set(all.map(({ axis }) => axis)),
      new Set(['lock-health', 'bolt', 'reservation', 'service']),
    )
    assert.deepEqual(await read(String(all.at(-2)?.sequence)), all.slice(-1))
    assert.equal((await rig.request('GET', '/v1/operator/bays/B-17/history?after=x')).status, 400)
  })
})
