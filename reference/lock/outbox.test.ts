import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LockRecords, prepareLockStorage } from './lock-records.js'
import { Outbox } from './outbox.js'
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
