import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LockRecords, prepareLockStorage } from './lock-records.js'
import { Outbox } from './outbox.js'
import { MqttLinkLost } from '../mqtt/sure-publisher.js'
import { openLibsqlStore } from '../../rigs/drivers/libsql/libsql-store.js'

const event = (id: string) => ({ id, at: '2026-01-01T00:00:00Z', type: 'fault', fault: 'jammed' }) as const

test('events that could not be sent wait in storage, and leave in their order', async () => {
  const store = await openLibsqlStore('libsql::memory:')
  await prepareLockStorage(store)
  const records = new LockRecords(store)
  await records.post(event('1'))
  await records.post(event('2'))
  const faults: unknown[] = []
  const cut = new Outbox(
    store,
    () => Promise.reject(new Error('no link')),
    (fault) => faults.push(fault),
  )
  await cut.emptied()
  await cut.close()
  assert.equal(faults.length, 1)

  const sent: string[] = []
  const outbox = new Outbox(
    store,
    async (text) => {
      const { id } = JSON.parse(text) as { id: string }
      sent.push(id)
      if (id === '2') {
        await records.post(event('3'))
        outbox.pump()
      }
    },
    (fault) => faults.push(fault),
  )
  await outbox.emptied()
  assert.deepEqual(sent, ['1', '2', '3'])
  assert.equal(await records.nextToSend(), undefined)
  await outbox.close()
  await store.close()
})

test('what was told in the minute before the link was lost is told again, before what is new', async (t) => {
  const store = await openLibsqlStore('libsql::memory:')
  t.after(() => store.close())
  await prepareLockStorage(store)
  const records = new LockRecords(store)
  let nowMs = 0
  let isDown = false
  const sent: string[] = []
  const faults: unknown[] = []
  const outbox = new Outbox(
    store,
    async (text) => {
      if (isDown) throw new MqttLinkLost()
      sent.push((JSON.parse(text) as { id: string }).id)
    },
    (fault) => faults.push(fault),
    () => nowMs,
  )
  const says = async (id: string, atMs: number) => {
    nowMs = atMs
    await records.post(event(id))
    await outbox.emptied()
  }
  await says('old', 0)
  await says('1', 30_000)
  await says('2', 70_000)
  isDown = true
  outbox.lost()
  await says('3', 80_000)
  isDown = false
  nowMs = 500_000
  await outbox.emptied()
  assert.deepEqual(sent, ['old', '1', '2', '1', '2', '3'])
  await says('4', 500_001)
  assert.deepEqual(sent.slice(6), ['4'], 'once')
  outbox.lost()
  outbox.forgetTold()
  await says('5', 500_002)
  assert.deepEqual(sent.slice(7), ['5'], 'another platform hears nothing of what the one before was told')
  assert.deepEqual(faults, [], 'a link that is down is no fault')
  await outbox.close()
})
