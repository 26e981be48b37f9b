import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { SqlStore } from '../ports/sql-store.js'
import { Duty, DutyLost } from './duty.js'

const LEASE_MS = 300

/** Instances on one store, each with its own way to it, which the test can cut. */
async function instances(t: TestContext) {
  const store = await openTestStore()
  await store.execute(
    'CREATE TABLE duties (duty TEXT PRIMARY KEY, instance TEXT NOT NULL, run TEXT NOT NULL, beat BIGINT NOT NULL)',
  )
  t.after(() => store.close())
  let runs = 0
  return {
    store,
    start: async (instance: string) => {
      let cut = false
      const never = () => new Promise<never>(() => undefined)
      const way: SqlStore = {
        execute: (sql, params) => (cut ? never() : store.execute(sql, params)),
        query: (sql, params) => (cut ? never() : store.query(sql, params)),
        transaction: (work) => store.transaction(work),
        close: async () => undefined,
      }
      let taken = () => undefined as void
      let lost = () => undefined as void
      const isTaken = new Promise<void>((resolve) => (taken = resolve))
      const isLost = new Promise<void>((resolve) => (lost = resolve))
      const duty = await Duty.begin({
        store: way,
        log: { record: () => undefined },
        table: 'duties',
        duty: 'outgoing',
        instance,
        run: `run-${++runs}`,
        leaseMs: LEASE_MS,
        whileHeld: () => taken(),
        onLost: () => lost(),
      })
      t.after(() => duty.end())
      return { duty, isTaken, isLost, hang: () => void (cut = true) }
    },
  }
}

test('of several instances one has the duty, and keeps it while it lives', async (t) => {
  const { start, store } = await instances(t)
  const [one, two, three] = [await start('a'), await start('b'), await start('c')]
  assert.deepEqual(
    [one, two, three].map(({ duty }) => duty.held),
    [true, false, false],
  )
  const beats = async () => (await store.query<{ beat: number }>('SELECT beat FROM duties'))[0]?.beat ?? 0
  // Three leases: by then another would have taken it, if beats did not count.
  const until = (await beats()) + 15
  while ((await beats()) < until) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(
    [one, two, three].map(({ duty }) => duty.held),
    [true, false, false],
  )
})

test('one that falls silent has lost the duty before another takes it', async (t) => {
  const { start, store } = await instances(t)
  const [one, two] = [await start('a'), await start('b')]
  one.hang()
  await two.isTaken
  assert.deepEqual([one.duty.held, two.duty.held], [false, true])
  await assert.rejects(
    store.transaction((session) => one.duty.require(session)),
    DutyLost,
  )
  await store.transaction((session) => two.duty.require(session))
})

test('one that ends leaves the duty at once, and one that starts under the same name needs not wait', async (t) => {
  const { start } = await instances(t)
  const [one, two] = [await start('a'), await start('b')]
  await one.duty.end()
  await one.isLost
  await two.isTaken
  const again = await start('b') // the run before died, whatever the store says of it
  assert.equal(again.duty.held, true)
  await two.isLost
  assert.equal(again.duty.held, true)
})
