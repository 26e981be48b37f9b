import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { PlatformRig } from '../../rigs/conformance/platform/platform-rig.js'
import { ReservationDriver } from '../../rigs/conformance/platform/reservation-driver.js'
import { resultOf, type ScriptedLock } from '../../rigs/conformance/platform/scripted-lock.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { Alert, Reservation, Space } from '../contracts/platform-api.js'
import { parseUnlockCode } from '../domain/unlock-code.js'
import { webhookSignature } from './webhook-sender.js'

describe('the life of a reservation', () => {
  let rig: PlatformRig
  let lock: ScriptedLock
  let driver: ReservationDriver

  beforeEach(async () => {
    rig = await PlatformRig.start(await openTestStore())
    lock = await rig.lock('L-17')
    driver = new ReservationDriver(rig, lock)
  })
  afterEach(() => rig.close())

  const reserve = (bayId?: string, changes?: object, key?: string) => driver.reserve(bayId, changes, key)
  const space = async () => (await rig.request<Space>('GET', '/v1/spaces/B-17')).body
  const stateOf = async (id: string) =>
    (await rig.request<Reservation>('GET', `/v1/reservations/${id}`)).body.state
  const alerts = async () =>
    (await rig.request<{ alerts: Alert[] }>('GET', '/v1/operator/alerts')).body.alerts.map(
      ({ bayId, kind, detail }) => [bayId, kind, detail],
    )
  const accepted = (reservationId: string) => driver.accepted(reservationId)
  const untilCode = () => driver.untilCode()

  it('goes from the hold to a bay that is free again', async () => {
    const held = await reserve()
    assert.equal(held.status, 201)
    assert.equal(held.body.state, 'held')
    assert.equal(held.body.expiresAt, '2026-03-01T08:15:00.000Z')
    const { reservationId } = held.body
    const sent = await lock.command('reserve')
    assert.equal(sent.reservationId, reservationId)
    assert.equal(sent.correlationId, 'wish-1')
    assert.equal((await space()).reservation, 'held')

    await accepted(reservationId)
    assert.equal((await rig.cloud.event('reservation-accepted')).correlationId, 'wish-1')
    assert.equal((await space()).reservation, 'accepted')

    await lock.say({ type: 'unlock-code-requested', reservationId })
    const toLock = await lock.command('unlock-code')
    const toCloud = await rig.cloud.event('code-issued')
    assert.ok(parseUnlockCode(toLock.code))
    assert.equal(toCloud.code, toLock.code, 'REQ-14: the same code')
    assert.equal(toCloud.symbology, 'qr')
    assert.equal(toLock.validUntil, held.body.expiresAt)

    await lock.say({ type: 'code-scanned', verdict: 'fresh', symbology: 'qr', reservationId })
    await lock.say({ type: 'bolt-changed', bolt: 'down', reservationId })
    await rig.cloud.event('bay-unlocked')
    assert.deepEqual([(await space()).reservation, (await space()).bolt], ['unlocked', 'down'])

    await lock.say({ type: 'occupancy-changed', occupied: true, reservationId })
    await rig.cloud.event('bay-occupied')
    assert.deepEqual([(await space()).reservation, (await space()).occupancy], ['unlocked', 'occupied'])

    await lock.say({ type: 'occupancy-changed', occupied: false, reservationId })
    await rig.cloud.event('bay-left')
    await rig.cloud.event('reservation-completed')
    assert.equal((await lock.command('cancel')).reason, 'completed')
    assert.equal((await reserve()).body.error, 'bay-taken', 'not before the bolt is up')
    await lock.say({ type: 'bolt-changed', bolt: 'up' })
    await rig.log.next(({ event, fields }) => event === 'bay-bolt' && fields.state === 'up')
    const free = await space()
    assert.deepEqual([free.reservation, free.occupancy, free.bolt], ['none', 'free', 'up'])
    assert.equal((await reserve()).status, 201)
  })

  it('keeps the code as a hash only, once it is delivered', async () => {
    const { reservationId, command } = await untilCode()
    const answer = await lock.say(resultOf(command.id))
    // The lock's row goes with its answer, the cloud's after its own: the bay's next webhook is sent after that.
    await rig.log.next(({ event, fields }) => event === 'lock-event' && fields.eventId === answer)
    await rig.request('DELETE', `/v1/reservations/${reservationId}`)
    await lock.command('cancel')
    await rig.cloud.event('reservation-cancelled')
    const [row] = await rig.store.query<{ code_sha256: string }>('SELECT * FROM platform_reservations')
    assert.equal(row?.code_sha256, createHash('sha256').update(command.code).digest('hex'))
    for (const table of ['platform_outbox', 'platform_reservations', 'platform_history']) {
      const rows = JSON.stringify(await rig.store.query(`SELECT * FROM ${table}`))
      assert.ok(!rows.includes(command.code), table)
    }
    assert.ok(!JSON.stringify(rig.log.all).includes(command.code), 'the log')
  })

  it('sends the coordinates of the request, and beside them the fix that the lock reported', async () => {
    const fix = { latitude: 31.2, longitude: 121.5 }
    await lock.say({ type: 'gps-fix', location: fix, hdop: 1 })
    await lock.say({ type: 'bolt-changed', bolt: 'up' }, 'fence')
    await lock.say({ type: 'bolt-changed', bolt: 'up' }, 'fence')
    await rig.logged('lock-event-repeated')
    rig.clock.advance(90_000)
    const location = { latitude: 31.0001, longitude: 121.0001 }
    await reserve('B-17', { location })
    const sent = await lock.command('reserve')
    assert.deepEqual(sent.location, location)
    assert.deepEqual(sent.reportedFix, { location: fix, ageSeconds: 90, hdop: 1 })
    assert.deepEqual((await space()).lastFix?.location, fix)
  })

  it('gives the bay to exactly one of fifty who ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => reserve()))
    assert.equal(answers.filter(({ status }) => status === 201).length, 1)
    const losers = answers.filter(({ status }) => status === 409)
    assert.ok(losers.length === 49 && losers.every(({ body }) => body.error === 'bay-taken'))
    const rows = await rig.store.query('SELECT reservation_id FROM platform_reservations')
    assert.equal(rows.length, 1)
  })

  it('answers a repeated request as before, and refuses its key with another body', async () => {
    const answers = await Promise.all([reserve('B-17', {}, 'k'), reserve('B-17', {}, 'k')])
    assert.deepEqual(answers[0], answers[1])
    assert.equal(answers[0]?.status, 201)
    const other = await reserve('B-17', { symbology: 'code128' }, 'k')
    assert.deepEqual([other.status, other.body.error], [422, 'idempotency-key-reused'])
  })

  it('refuses with the lock, and tells the operator and the cloud why', async () => {
    const { reservationId } = (await reserve()).body
    await lock.say({ type: 'reservation-refused', reservationId, reason: 'coordinates-differ' })
    assert.equal((await rig.cloud.event('reservation-refused')).reason, 'coordinates-differ')
    assert.equal(await stateOf(reservationId), 'refused')
    assert.deepEqual(await alerts(), [['B-17', 'coordinates-refused', 'coordinates-differ']])
    assert.equal((await space()).reservation, 'none')
  })

  it('expires at the end of the hold, after a restart too', async () => {
    const { reservationId } = (await reserve()).body
    await lock.command('reserve')
    await accepted(reservationId)
    await rig.cloud.event('reservation-accepted')
    await rig.stopPlatform()
    await rig.startPlatform()
    assert.equal(await stateOf(reservationId), 'accepted')
    rig.clock.advance(899_999)
    assert.equal(await stateOf(reservationId), 'accepted')
    rig.clock.advance(1)
    await rig.cloud.event('reservation-expired')
    assert.equal((await lock.command('cancel')).reason, 'expired')
    assert.equal(await stateOf(reservationId), 'expired')
  })

  it('does not expire with its hold under a driver who has opened the bay', async () => {
    const { reservationId } = await untilCode()
    await lock.say({ type: 'bolt-changed', bolt: 'down', reservationId })
    await rig.cloud.event('bay-unlocked')
    rig.clock.advance(1_799_999)
    assert.equal(await stateOf(reservationId), 'unlocked')
    const late = await rig.request('DELETE', `/v1/reservations/${reservationId}`)
    assert.deepEqual([late.status, late.body.error], [409, 'reservation-not-cancellable'])
  })

  it('is not moved by events that are late, repeated, unasked for or another lock’s', async () => {
    const { reservationId } = await untilCode()
    const other = await rig.lock('L-18')
    await other.say({ type: 'bolt-changed', bolt: 'down', reservationId })
    await rig.logged('lock-event-ignored')
    assert.equal(await stateOf(reservationId), 'code-issued')
    await accepted(reservationId)
    await rig.logged('lock-event-ignored')
    assert.equal(await stateOf(reservationId), 'code-issued')
    await lock.babble('{"type":"bolt-changed","bolt":"down"}')
    await lock.babble('not JSON')
    const leapSecond = '2016-12-31T23:59:60Z'
    await lock.babble(JSON.stringify({ id: 'leap', type: 'fault', fault: 'jammed', at: leapSecond }))
    for (let i = 0; i < 3; i++) await rig.logged('lock-message-refused')
    assert.equal(await stateOf(reservationId), 'code-issued')
    assert.equal(lock.commands.all.filter(({ type }) => type === 'unlock-code').length, 1)
  })

  it('gives a lock that lost its code a new one, and the driver the same', async () => {
    const first = await untilCode()
    await lock.say(resultOf(first.command.id))
    await lock.say({ type: 'unlock-code-requested', reservationId: first.reservationId })
    const again = await lock.command('unlock-code')
    assert.notEqual(again.code, first.command.code)
    assert.equal((await rig.cloud.event('code-issued')).code, again.code)
  })

  it('keeps what a lock must hear until the lock is back', async () => {
    const { reservationId } = (await reserve()).body
    await lock.command('reserve')
    rig.broker.disconnect('L-17')
    await rig.log.next(({ event, fields }) => event === 'alert' && fields.kind === 'lock-offline')
    assert.equal((await space()).lockHealth, 'offline')
    await rig.request('DELETE', `/v1/reservations/${reservationId}`)
    const back = await rig.lock('L-17')
    assert.equal((await back.command('cancel')).reservationId, reservationId)
    assert.deepEqual(await alerts(), [['B-17', 'lock-offline', undefined]])
  })

  it('shows what the lock says of itself, by name, and nothing once it is gone', async () => {
    const wear = { cycles: 12, stalls: 1, energyJoules: 40.5 }
    const said = {
      state: 'jammed',
      battery: 'low',
      gps: 'good',
      camera: ['fogged'],
      faults: ['jammed', 'battery-low'],
      wear,
    } as const
    await lock.report({ ...said, fault: 'jammed', bolt: 'unknown', batteryVolts: 6.6 })
    await rig.log.next(({ event, fields }) => event === 'bay-lock-health' && fields.state === 'fault')
    assert.deepEqual((await space()).lock, { ...said, batteryVolts: 6.6 })
    await lock.say({ type: 'fault', fault: 'sensor-fault', detail: 'both-limits' })
    const alert = await rig.log.next(({ event, fields }) => event === 'alert' && fields.kind === 'lock-fault')
    assert.equal(alert.fields.detail, 'sensor-fault: both-limits')
    await lock.report({ ...said, online: false, bolt: 'unknown' })
    await rig.log.next(({ event, fields }) => event === 'bay-lock-health' && fields.state === 'offline')
    assert.equal((await space()).lock, undefined)
  })

  it('raises an alert for each code that opens nothing, and for a fault', async () => {
    for (const verdict of ['foreign', 'used', 'expired', 'misread', 'fresh'] as const) {
      await lock.say({ type: 'code-scanned', verdict, symbology: 'code128' })
    }
    await lock.say({ type: 'fault', fault: 'jammed' })
    await rig.log.next(({ event, fields }) => event === 'alert' && fields.kind === 'lock-fault')
    assert.deepEqual(
      (await alerts()).map(([, kind]) => kind),
      ['foreign-code', 'used-code', 'expired-code', 'misread-code', 'lock-fault'],
    )
    assert.equal((await space()).lockHealth, 'fault')
    const refused = await reserve()
    assert.deepEqual([refused.status, refused.body.error], [409, 'bay-out-of-service'])
  })

  it('delivers after a restart what it could not deliver before', async () => {
    const { reservationId } = (await reserve()).body
    rig.cloud.answers.push(...Array.from({ length: 1_000 }, () => 503))
    await accepted(reservationId)
    const refused = await rig.cloud.deliveries.next(() => true)
    await rig.stopPlatform()
    rig.cloud.answers.length = 0
    const before = rig.cloud.deliveries.all.length
    await rig.startPlatform()
    await lock.say({ type: 'unlock-code-requested', reservationId })
    const later = await rig.cloud.event('code-issued')
    assert.deepEqual(
      rig.cloud.deliveries.all.slice(before).map(({ event }) => event),
      [refused.event, later],
    )
  })

  it('lets the news of a bay go that the cloud does not refuse, and keeps those of one bay in order', async () => {
    let refusing = true
    rig.cloud.refuses = ({ bayId }) => (bayId === 'B-17' && refusing ? 422 : undefined)
    const { reservationId } = (await reserve()).body
    await accepted(reservationId)
    await rig.logged('webhook-failed')
    await lock.say({ type: 'unlock-code-requested', reservationId })
    await lock.command('unlock-code')
    const other = await rig.lock('L-18')
    const next = (await reserve('B-18')).body.reservationId
    await new ReservationDriver(rig, other).accepted(next)
    await rig.cloud.deliveries.next(({ event }) => event.bayId === 'B-18')
    assert.ok(!rig.cloud.deliveries.all.some(({ event }) => event.type === 'code-issued'))
    refusing = false
    await rig.cloud.event('code-issued')
    const ofBay = rig.cloud.deliveries.all.filter(({ event }) => event.bayId === 'B-17')
    assert.deepEqual(
      [...new Set(ofBay.map(({ event }) => event.type))],
      ['reservation-accepted', 'code-issued'],
    )
  })

  it('repeats a webhook, signed, until the cloud takes it', async () => {
    rig.cloud.answers.push(500, 404)
    const { reservationId } = (await reserve()).body
    await accepted(reservationId)
    const deliveries = []
    for (let i = 0; i < 3; i++) deliveries.push(await rig.cloud.deliveries.next(() => true))
    assert.equal(new Set(deliveries.map(({ event }) => event.eventId)).size, 1)
    for (const { body, timestamp, signature } of deliveries) {
      assert.equal(timestamp, String(rig.clock.now() / 1000))
      assert.equal(signature, webhookSignature(rig.webhookSecret, timestamp, body))
    }
  })
})
