import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { PlatformRig, reservationOf } from '../../rigs/conformance/platform/platform-rig.js'
import { resultOf, type ScriptedLock } from '../../rigs/conformance/platform/scripted-lock.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { LockReport, Problem, Reservation } from '../contracts/platform-api.js'

describe('an operator’s command', () => {
  let rig: PlatformRig
  let lock: ScriptedLock

  beforeEach(async () => {
    rig = await PlatformRig.start(await openTestStore())
    lock = await rig.lock('L-17')
  })
  afterEach(() => rig.close())

  const order = (body: object, lockId = 'L-17') =>
    rig.request<LockReport & Problem>('POST', `/v1/operator/locks/${lockId}/commands`, { body })

  it('is answered with what the lock itself says', async () => {
    const answer = order({ type: 'unlock', expiresInSeconds: 5 })
    const command = await lock.command('unlock')
    assert.equal(Date.parse(command.expiresAt) - Date.parse(command.issuedAt), 5_000)
    await lock.say(resultOf(command.id, { outcome: 'refused', reason: 'expired', bolt: 'moving', moves: 3 }))
    assert.deepEqual(await answer, {
      status: 200,
      body: { outcome: 'refused', reason: 'expired', bolt: 'moving', moves: 3, reservationId: null },
    })
  })

  it('lives as long as the settings say when it does not say', async () => {
    const answer = order({ type: 'report', settleHardwareMs: 200 })
    const command = await lock.command('report')
    assert.equal(command.settleHardwareMs, 200)
    assert.equal(Date.parse(command.expiresAt) - Date.parse(command.issuedAt), 30_000)
    await lock.say(resultOf(command.id))
    assert.equal((await answer).status, 200)
  })

  it('syncs the lock with the reservation that the platform believes in', async () => {
    const held = await rig.request<Reservation>('POST', '/v1/reservations', {
      body: reservationOf('B-17'),
      headers: { 'Idempotency-Key': randomUUID() },
    })
    const { reservationId } = held.body
    for (const expected of [reservationId, null]) {
      const answer = order({ type: 'sync' })
      const command = await lock.command('sync')
      assert.equal(command.reservationId, expected)
      await lock.say(resultOf(command.id, { reservationId: expected }))
      assert.equal((await answer).body.reservationId, expected)
      await rig.request('DELETE', `/v1/reservations/${reservationId}`)
    }
    assert.deepEqual(
      lock.commands.all.map(({ type }) => type),
      ['reserve', 'sync', 'cancel', 'sync'],
      'in the order of what happened',
    )
  })

  it('is not answered by another lock, and ends as lock-silent', async () => {
    await rig.stopPlatform()
    await rig.startPlatform({ lockAnswerTimeoutMs: 100 })
    const other = await rig.lock('L-18')
    const answer = order({ type: 'lock' })
    await other.say(resultOf((await lock.command('lock')).id))
    const { status, body } = await answer
    assert.deepEqual([status, body.error], [504, 'lock-silent'])
  })

  it('ends as lock-silent when the platform stops', async () => {
    const answer = order({ type: 'lock' })
    await lock.command('lock')
    await rig.stopPlatform()
    assert.equal((await answer).body.error, 'lock-silent')
  })

  it('is refused when it makes no sense', async () => {
    assert.equal((await order({ type: 'unlock' }, 'L-99')).body.error, 'lock-unknown')
    for (const body of [{ type: 'configure' }, { type: 'explode' }, { type: 'lock', extra: 1 }, {}]) {
      const answer = await order(body)
      assert.deepEqual([answer.status, answer.body.error], [400, 'request-invalid'])
    }
  })
})
