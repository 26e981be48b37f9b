import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { SqlStore } from '../ports/sql-store.js'
import { Duty, DutyLost } from './duty.js'

/** No multiple of the 100 ms in which the holder looks around, so that a lapse is not noticed by chance at the same moment. */
const LEASE_MS = 350

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
      let gate: Promise<void> | undefined
      const never = () => new Promise<never>(() => undefined)
      const way: SqlStore = {
        execute: async (sql, params) => {
          if (cut) return never()
          const done = await store.execute(sql, params)
          await gate
          return done
        },
        query: (sql, params) => (cut ? never() : store.query(sql, params)),
        transaction: (work) => store.transaction(work),
        close: async () => undefined,
      }
      let taken = () => undefined as void
      let lost = () => undefined as void
      const isTaken = new Promise<void>((resolve) => (taken = resolve))
      const isLost = new Promise<void>((resolve) => (lost = resolve))
      const turns: string[] = []
      const duty = await Duty.begin({
        store: way,
        log: { record: () => undefined },
        table: 'duties',
        duty: 'outgoing',
        instance,
        run: `run-${++runs}`,
        leaseMs: LEASE_MS,
        whileHeld: () => {
          if (turns.at(-1) !== 'held') turns.push('held')
          taken()
        },
        onLost: () => {
          turns.push('lost')
          lost()
        },
      })
      t.after(() => duty.end())
      return {
        duty,
        isTaken,
        isLost,
        /** Whether it was held or lost, one after the other. */
        turns,
        hang: () => void (cut = true),
        /** From now on the store does what it is told, and answers when this is called. */
        holdAnswers: () => {
          let answer = () => undefined as void
          gate = new Promise<void>((resolve) => (answer = resolve))
          return () => {
            gate = undefined
            answer()
          }
        },
      }
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

test('one whose lease lapses before its beat is answered loses the duty and takes it afresh', async (t) => {
  const { start } = await instances(t)
  const { duty, turns, holdAnswers } = await start('a')
  const answer = holdAnswers()
  // The beat under way began after the one that the lease counts from, so it is good for a little longer.
  while (duty.held) await new Promise((resolve) => setImmediate(resolve))
  answer()
  while (!duty.held) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(turns, ['held', 'lost', 'held'])
})

test('one that was halted for longer than a lease loses the duty and takes it afresh', async (t) => {
  const { start } = await instances(t)
  const { duty, turns } = await start('a')
  // As SIGSTOP does to a process: nothing in it runs.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LEASE_MS + 1)
  assert.equal(duty.held, false)
  while (!duty.held) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(turns, ['held', 'lost', 'held'])
})

test('one whose store hangs tells that it lost the duty, without waiting for the store', async (t) => {
  const { start } = await instances(t)
  const { hang, isLost, turns } = await start('a')
  hang()
  await isLost
  assert.deepEqual(turns, ['held', 'lost'])
})
