import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { PlatformRig, reservationOf } from '../../rigs/conformance/platform/platform-rig.js'
import type { ScriptedLock } from '../../rigs/conformance/platform/scripted-lock.js'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { Problem, Reservation } from '../contracts/platform-api.js'
import { ConstraintViolation, type SqlStore } from '../ports/sql-store.js'

/** A store whose next transactions fail at their end, as on a full disk. */
class FailingStore implements SqlStore {
  failures = 0
  failure = new Error('disk full')
  /** Says nothing any more. */
  stalled = false

  constructor(private readonly store: SqlStore) {}

  execute: SqlStore['execute'] = (sql, params) => this.store.execute(sql, params)
  query: SqlStore['query'] = (sql, params) => this.store.query(sql, params)
  transaction: SqlStore['transaction'] = async (work) => {
    if (this.stalled) return await new Promise<never>(() => undefined)
    return await this.store.transaction(async (session) => {
      const result = await work(session)
      if (this.failures > 0) {
        this.failures--
        throw this.failure
      }
      return result
    })
  }
  close = () => this.store.close()
}

describe('a store that fails for a while', () => {
  let rig: PlatformRig
  let store: FailingStore
  let lock: ScriptedLock

  beforeEach(async () => {
    store = new FailingStore(await openTestStore())
    rig = await PlatformRig.start(store)
    lock = await rig.lock('L-17')
  })
  afterEach(() => rig.close())

  const reserve = () =>
    rig.request<Reservation & Problem>('POST', '/v1/reservations', {
      body: reservationOf('B-17'),
      headers: { 'Idempotency-Key': 'k' },
    })

  it('costs a request an answer, but leaves nothing half done', async () => {
    store.failures = 1
    const failed = await reserve()
    assert.deepEqual([failed.status, failed.body.error], [500, 'internal-fault'])
    assert.equal((await reserve()).status, 201)
    await lock.command('reserve')
    assert.equal(lock.commands.all.length, 1)
  })

  it('changes no refusal: who has no credential is answered 401 while nothing can be written', async () => {
    store.failures = Infinity
    const guess = () => rig.request('GET', '/v1/spaces', { token: 'a-token-that-is-guessed' })
    const refused = await guess()
    assert.deepEqual([refused.status, refused.body.error], [401, 'unauthorised'])
    assert.match(String((await rig.logged('audit-entry-failed')).fields['reason']), /disk full/)
    assert.equal((await rig.request('GET', '/v1/reservations/R-1')).status, 404)
    store.stalled = true
    assert.equal((await guess()).status, 401)
    store.stalled = false
    store.failures = 0
  })

  it('loses no event of a lock: the broker sends it again', async () => {
    const { reservationId } = (await reserve()).body
    store.failures = 1
    await lock.say({
      type: 'reservation-accepted',
      reservationId,
      comparatorReading: 'preset',
      distanceMetres: 0,
    })
    await rig.cloud.event('reservation-accepted')
    assert.equal(store.failures, 0)
  })

  it('does not ask again for a message that the schema refuses', async () => {
    store.failure = new ConstraintViolation('check', 'on purpose')
    store.failures = 1
    await lock.say({ type: 'fault', fault: 'jammed' })
    await rig.logged('lock-message-refused')
    await lock.say({ type: 'fault', fault: 'battery-low' })
    const alert = await rig.logged('alert')
    assert.equal(alert.fields.detail, 'battery-low')
  })

  it('delays an expiry, but does not forget it', async () => {
    await reserve()
    await lock.command('reserve')
    store.failures = 1
    rig.clock.advance(60_000)
    await rig.logged('expiry-failed')
    rig.clock.advance(1_000)
    assert.equal((await rig.cloud.event('reservation-refused')).reason, 'lock-silent')
  })
})
