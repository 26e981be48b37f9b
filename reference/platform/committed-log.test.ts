import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { logWhatIsCommitted } from './committed-log.js'

test('of transactions that share a commit, the lines of those that stand are recorded, and no others', async (t) => {
  for (const failing of [0, 1, 2]) {
    const recorded: string[] = []
    const { store, log } = logWhatIsCommitted({
      store: await openTestStore(),
      log: { record: (event) => recorded.push(event) },
    })
    t.after(() => store.close())
    await store.execute('CREATE TABLE kept (n INTEGER PRIMARY KEY)')
    const keep = (n: number) =>
      store.transaction(async (session) => {
        session.write('INSERT INTO kept VALUES (?)', [n === failing ? 9 : n])
        log.record(`kept ${n}`, {})
      })
    await keep(9)
    const outcomes = await Promise.allSettled([keep(0), keep(1), keep(2)])
    assert.equal(outcomes[failing]?.status, 'rejected')
    const stands = [9, 0, 1, 2].filter((n) => n !== failing)
    assert.deepEqual(
      recorded,
      stands.map((n) => `kept ${n}`),
    )
  }
})
