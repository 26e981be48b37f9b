import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { SqlStore } from '../ports/sql-store.js'
import { cloudWorld } from './fixtures/cloud-world.js'
import { VEHICLE_MESSAGES_PER_MINUTE } from './vehicle-pace.js'

const FLOOD = 3_000

test('a car that floods is not taken beyond its share, told of once, and holds no other up', async (t) => {
  const store = await openTestStore()
  let reads = 0
  const counting: SqlStore = {
    execute: (sql, params) => store.execute(sql, params),
    query: (sql, params) => {
      if (sql.includes('FROM cloud_outbox')) reads++
      return store.query(sql, params)
    },
    transaction: (work) => store.transaction(work),
    close: () => store.close(),
  }
  const { log, ...world } = await cloudWorld(t, { store: counting })
  const of = (car: string, event: string) =>
    log.all.filter((entry) => entry.event === event && entry.fields['vehicleId'] === car).length
  // Something has been read of the outbox: else `born` reads nothing.
  await world.follow('car-1')
  await world.say('天安门')
  await log.first(({ event }) => event === 'vehicle-event')
  const readsBefore = reads
  for (let i = 0; i < FLOOD; i++) await world.carSays('car-1', { type: 'born' })
  await world.carSays('car-2', { type: 'born' })
  await log.first(({ event, fields }) => event === 'vehicle-event' && fields['vehicleId'] === 'car-2')
  assert.equal(of('car-1', 'vehicle-event'), VEHICLE_MESSAGES_PER_MINUTE)
  assert.equal(of('car-1', 'vehicle-message-refused'), 1)
  assert.equal(of('car-2', 'vehicle-message-refused'), 0)
  const readOf = reads - readsBefore
  assert.ok(readOf >= 1 && readOf < 2 * VEHICLE_MESSAGES_PER_MINUTE, `${readOf} reads`)
})
