import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GroupCommit } from './group-commit.js'

/** A connection that notes what is done with it, and fails where it is told to. */
function noted(fails: ReadonlySet<string> = new Set()) {
  const calls: string[] = []
  const call = async (name: string) => {
    calls.push(name)
    if (fails.has(name)) throw new Error(`${name} failed`)
  }
  /** What nobody has waited for yet. */
  const written: Promise<void>[] = []
  const session = () => ({
    execute: async (sql: string) => {
      await call(sql)
      return { rowsAffected: 1 }
    },
    query: async () => [],
    write: (sql: string) => void written.push(call(sql)),
    end: () => void calls.push('end'),
  })
  const connection = {
    begin: () => call('begin'),
    settle: async () => void (await Promise.all(written.splice(0))),
    commit: async () => {
      await connection.settle()
      await call('commit')
    },
    rollback: () => call('rollback').catch(() => undefined),
    beginPart: () => call('part'),
    takePartBack: () => call('back'),
    session,
  }
  let turn: Promise<unknown> = Promise.resolve()
  const group = new GroupCommit(
    (work) => (turn = turn.then(work)),
    async () => ({ connection, release: () => void calls.push('release') }),
  )
  const write = (name: string) => group.transaction((one) => one.execute(name).then(() => name))
  const outcomes = async (...promises: Promise<string>[]) =>
    (await Promise.allSettled(promises)).map((one) =>
      one.status === 'fulfilled' ? one.value : (one.reason as Error).message,
    )
  /** Writes without waiting. */
  const leave = (name: string) =>
    group.transaction(async (one) => {
      one.write(name)
      return name
    })
  return { calls, group, write, leave, outcomes }
}

test('one transaction is begun and committed as ever', async () => {
  const { calls, write, outcomes } = noted()
  assert.deepEqual(await outcomes(write('a')), ['a'])
  assert.deepEqual(calls, ['begin', 'a', 'end', 'commit', 'release'])
})

test('those that wait together share a commit, and none is told before it', async () => {
  const { calls, write, outcomes } = noted()
  const told = (name: string) => write(name).then((value) => (calls.push(`told ${name}`), value))
  assert.deepEqual(await outcomes(told('a'), told('b')), ['a', 'b'])
  assert.deepEqual(
    calls.filter((name) => name !== 'end'),
    ['begin', 'part', 'a', 'part', 'b', 'commit', 'release', 'told a', 'told b'],
  )
})

test('one that fails is taken back alone', async () => {
  const { calls, write, outcomes } = noted(new Set(['b']))
  assert.deepEqual(await outcomes(write('a'), write('b'), write('c')), ['a', 'b failed', 'c'])
  assert.deepEqual(
    calls.filter((name) => name !== 'end'),
    ['begin', 'part', 'a', 'part', 'b', 'back', 'part', 'c', 'commit', 'release'],
  )
})

test('a write that nobody waited for is taken back with its own transaction when it is refused', async () => {
  const { calls, leave, outcomes } = noted(new Set(['b']))
  assert.deepEqual(await outcomes(leave('a'), leave('b'), leave('c')), ['a', 'b failed', 'c'])
  assert.deepEqual(
    calls.filter((name) => name !== 'end'),
    ['begin', 'part', 'a', 'part', 'b', 'back', 'part', 'c', 'commit', 'release'],
  )
  const alone = noted(new Set(['b']))
  assert.deepEqual(await alone.outcomes(alone.leave('b')), ['b failed'])
  assert.ok(!alone.calls.includes('commit') && alone.calls.includes('rollback'))
})

test('when the commit fails, nobody is told that theirs was done', async () => {
  const { calls, write, outcomes } = noted(new Set(['commit']))
  assert.deepEqual(await outcomes(write('a'), write('b')), ['commit failed', 'commit failed'])
  assert.deepEqual(calls.slice(-2), ['rollback', 'release'])
})

test('when one cannot be taken back, the whole group fails: nobody knows what it left', async () => {
  const { calls, write, outcomes } = noted(new Set(['b', 'back']))
  assert.deepEqual(await outcomes(write('a'), write('b'), write('c')), [
    'back failed',
    'back failed',
    'back failed',
  ])
  assert.ok(!calls.includes('commit'))
})

test('whoever comes while a group is under way is in the next, and a long queue is cut', async () => {
  const { calls, group, write, outcomes } = noted()
  let later: Promise<string> | undefined
  const first = group.transaction(async () => {
    later = write('later')
    return 'first'
  })
  assert.equal(await first, 'first')
  assert.equal(await later, 'later')
  assert.equal(calls.filter((name) => name === 'commit').length, 2)
  await outcomes(...Array.from({ length: 70 }, (_, i) => write(`w${i}`)))
  assert.equal(calls.filter((name) => name === 'commit').length, 5)
})
