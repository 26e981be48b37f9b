import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLibsqlStore } from '../../../rigs/drivers/libsql/libsql-store.js'
import type { SqlStore } from '../../ports/sql-store.js'
import { Journal } from './journal.js'

test('however many changes a moment has, all are there after a restart', async (t) => {
  const store = await openLibsqlStore('libsql::memory:')
  t.after(() => store.close())
  const journal = await Journal.open(store)
  for (const count of [0, 1, 7, 8, 63, 64, 65, 150]) {
    for (let i = 0; i < count; i++) journal.put(`kind ${count}`, `key ${i}`, { i })
    await journal.committed()
    const again = (await Journal.open(store)).take(`kind ${count}`)
    assert.deepEqual(
      [...again].sort(),
      Array.from({ length: count }, (_, i) => [`key ${i}`, { i }] as const).sort(),
      String(count),
    )
  }
})

test('what changes twice in a moment is written once, as it is at its end; what is gone is gone', async (t) => {
  const store = await openLibsqlStore('libsql::memory:')
  t.after(() => store.close())
  const journal = await Journal.open(store)
  journal.put('a', '1', { n: 1 })
  const first = journal.committed()
  const value = { n: 2 }
  journal.put('a', '1', value)
  journal.put('a', '2', { n: 3 })
  value.n = 4
  await first
  journal.put('a', '2', undefined)
  await journal.committed()
  assert.deepEqual([...(await Journal.open(store)).take('a')], [['1', { n: 4 }]])
})

test('the changes of one turn of the event loop, whoever asks, are one transaction', async (t) => {
  const inner = await openLibsqlStore('libsql::memory:')
  t.after(() => inner.close())
  let transactions = 0
  let fails = true
  const store: SqlStore = {
    execute: (...args) => inner.execute(...args),
    query: (...args) => inner.query(...args),
    close: () => inner.close(),
    transaction: (work) => {
      transactions += 1
      return fails ? Promise.reject(new Error('disk full')) : inner.transaction(work)
    },
  }
  const journal = await Journal.open(store)
  // each in a callback of its own, as requests come
  const asked = Array.from(
    { length: 20 },
    (_, i) =>
      new Promise<void>((resolve, reject) => {
        setImmediate(() => {
          journal.put('a', String(i), { i })
          journal.committed().then(resolve, reject)
        })
      }),
  )
  const outcomes = await Promise.allSettled(asked)
  assert.ok(
    outcomes.every(({ status }) => status === 'rejected'),
    'nobody is told that it is kept',
  )
  assert.equal(transactions, 1)
  fails = false
  journal.put('a', '20', { i: 20 })
  await journal.committed()
  assert.equal((await Journal.open(inner)).take('a').size, 21, 'what was not written stayed due')
})
