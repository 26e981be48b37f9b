import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { PlatformRig } from '../../rigs/conformance/platform/platform-rig.js'
import { ReservationDriver } from '../../rigs/conformance/platform/reservation-driver.js'
import { resultOf, type ScriptedLock } from '../../rigs/conformance/platform/scripted-lock.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { Reservation } from '../contracts/platform-api.js'

describe('a command until its lock has answered it', () => {
  let rig: PlatformRig
  let lock: ScriptedLock
  let driver: ReservationDriver

  beforeEach(async () => {
    rig = await PlatformRig.start(await openTestStore())
    lock = await rig.lock('L-17')
    driver = new ReservationDriver(rig, lock)
  })
  afterEach(() => rig.close())

  const held = async () => {
    const { reservationId } = (await driver.reserve()).body
    return { reservationId, command: await lock.command('reserve') }
  }
  const stateOf = async (id: string) =>
    (await rig.request<Reservation>('GET', `/v1/reservations/${id}`)).body.state
  const waiting = () => rig.store.query(`SELECT kind FROM platform_outbox WHERE channel = 'lock'`)
  /** What the platform sends after this has been sent after all that came before it. */
  const report = async () => {
    void rig.request('POST', '/v1/operator/locks/L-17/commands', { body: { type: 'report' } })
    const { id } = await lock.command('report')
    await lock.say(resultOf(id))
  }

  it('is sent again, with its id and number, when the link comes back, and no more once it is answered', async () => {
    const { command } = await held()
    rig.broker.disconnect('platform')
    const again = await lock.command('reserve')
    assert.deepEqual(again, command)
    await lock.say(resultOf(command.id))
    await rig.log.next(({ event, fields }) => event === 'lock-event' && fields.type === 'command-result')
    rig.broker.disconnect('platform')
    await report()
    assert.equal(lock.commands.all.filter(({ type }) => type === 'reserve').length, 2)
    assert.ok((command.sequence ?? 0) < (lock.commands.all.at(-1)?.sequence ?? 0))
  })

  it('is sent again when the lock starts anew, in order', async () => {
    const { reservationId, command } = await held()
    await driver.accepted(reservationId)
    await lock.say({ type: 'unlock-code-requested', reservationId })
    const code = await lock.command('unlock-code')
    await lock.report({ bootCount: 2 })
    assert.deepEqual(await lock.command('reserve'), command)
    assert.deepEqual(await lock.command('unlock-code'), code)
  })

  it('goes on after a restart of the platform', async () => {
    const { command } = await held()
    await rig.stopPlatform()
    await rig.startPlatform()
    assert.deepEqual(await lock.command('reserve'), command)
  })

  it('is said anew when another one overtook it, and the reservation goes on', async () => {
    const { reservationId, command } = await held()
    await report()
    await lock.say(resultOf(command.id, { outcome: 'refused', reason: 'out-of-order' }))
    const anew = await lock.command('reserve')
    assert.notEqual(anew.id, command.id)
    assert.ok((anew.sequence ?? 0) > (command.sequence ?? 0))
    const { id: _a, sequence: _b, issuedAt: _c, ...said } = anew
    const { id: _d, sequence: _e, issuedAt: _f, ...before } = command
    assert.deepEqual(said, before)
    assert.equal(await stateOf(reservationId), 'held')
    await lock.say(resultOf(anew.id, { outcome: 'refused', reason: 'malformed' }))
    await rig.cloud.event('reservation-refused')
    assert.equal(await stateOf(reservationId), 'refused')
  })

  it('is not said anew for ever', async () => {
    const { reservationId } = await held()
    let command = lock.commands.all.at(-1)
    for (let n = 0; n < 6; n++) {
      await lock.say(resultOf(command?.id ?? '', { outcome: 'refused', reason: 'out-of-order' }))
      if (n < 5) command = await lock.command('reserve')
    }
    await rig.cloud.event('reservation-refused')
    assert.equal(await stateOf(reservationId), 'refused')
    assert.deepEqual(await waiting(), [])
  })

  it('of which the lock says only that it came before is said anew, for nothing is known of it', async () => {
    const { reservationId, command } = await held()
    await lock.say(resultOf(command.id, { outcome: 'refused', reason: 'repeated' }))
    const anew = await lock.command('reserve')
    assert.notEqual(anew.id, command.id)
    await driver.accepted(reservationId)
    await lock.say(resultOf(anew.id))
    await rig.cloud.event('reservation-accepted')
  })

  it('is not struck out by the answer of another lock', async () => {
    const { command } = await held()
    const other = await rig.lock('L-18')
    await other.say(resultOf(command.id))
    await rig.log.next(({ event, fields }) => event === 'lock-event' && fields.lockId === 'L-18')
    assert.deepEqual(await waiting(), [{ kind: 'reserve' }])
  })

  it('is forgotten at the end of its life', async () => {
    await held()
    rig.clock.advance(900_000)
    await rig.cloud.event('reservation-refused')
    await lock.command('cancel')
    rig.broker.disconnect('platform')
    await rig.logged('command-unanswered')
    const cancel = await lock.command('cancel')
    await lock.say(resultOf(cancel.id))
    await rig.log.next(({ event, fields }) => event === 'lock-event' && fields.type === 'command-result')
    assert.deepEqual(await waiting(), [])
    assert.equal(lock.commands.all.filter(({ type }) => type === 'reserve').length, 1)
  })
})
