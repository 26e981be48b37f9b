import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { openLibsqlStore } from '../../../rigs/drivers/libsql/libsql-store.js'
import { AccessTokens, type TokenGrant } from './access-tokens.js'
import { Journal } from './journal.js'

const START = Date.parse('2026-01-01T01:00:00Z')

async function tokensAt(t: TestContext) {
  let now = START
  const store = await openLibsqlStore('libsql::memory:')
  t.after(() => store.close())
  const clock = { now: () => now, at: () => () => undefined }
  const journal = await Journal.open(store)
  return {
    tokens: new AccessTokens(journal, clock, (limit) => randomInt(limit)),
    pass: (s: number) => (now += s * 1000),
  }
}

test('a token lives 7200 s of business time, a second either side', async (t) => {
  const { tokens, pass } = await tokensAt(t)
  const { access_token, expires_in } = tokens.issue('wx1')
  assert.equal(expires_in, 7200)
  pass(7199)
  assert.deepEqual(tokens.check(access_token), { appId: 'wx1' })
  pass(1)
  assert.deepEqual(tokens.check(access_token), { errcode: 42001 })
  pass(1)
  assert.deepEqual(tokens.check(access_token), { errcode: 42001 })
})

test('a new token ends the one before after five minutes, a second either side', async (t) => {
  const { tokens, pass } = await tokensAt(t)
  const before = tokens.issue('wx1').access_token
  tokens.issue('wx1')
  pass(299)
  assert.deepEqual(tokens.check(before), { appId: 'wx1' })
  pass(1)
  assert.deepEqual(tokens.check(before), { errcode: 40001 })
  pass(1)
  assert.deepEqual(tokens.check(before), { errcode: 40001 })
})

test('the token before the last does not live longer through the next', async (t) => {
  const { tokens, pass } = await tokensAt(t)
  const first = tokens.issue('wx1').access_token
  tokens.issue('wx1')
  pass(200)
  tokens.issue('wx1')
  pass(99)
  assert.deepEqual(tokens.check(first), { appId: 'wx1' })
  pass(1)
  assert.deepEqual(tokens.check(first), { errcode: 40001 })
})

test('the stable token stays the same until its last five minutes, a second either side', async (t) => {
  const { tokens, pass } = await tokensAt(t)
  const first = tokens.stable('wx1', false) as TokenGrant
  pass(6899)
  assert.equal((tokens.stable('wx1', false) as TokenGrant).access_token, first.access_token)
  pass(1)
  const second = tokens.stable('wx1', false) as TokenGrant
  assert.notEqual(second.access_token, first.access_token)
  // the overlap: both are good until the first one's own end
  pass(299)
  assert.deepEqual(tokens.check(first.access_token), { appId: 'wx1' })
  pass(1)
  assert.deepEqual(tokens.check(first.access_token), { errcode: 42001 })
  assert.deepEqual(tokens.check(second.access_token), { appId: 'wx1' })
})

test('the two pools leave each other alone', async (t) => {
  const { tokens, pass } = await tokensAt(t)
  const stable = (tokens.stable('wx1', false) as TokenGrant).access_token
  const plain = tokens.issue('wx1').access_token
  tokens.stable('wx1', true)
  assert.deepEqual(tokens.check(plain), { appId: 'wx1' })
  tokens.issue('wx1')
  pass(301)
  assert.deepEqual(tokens.check(plain), { errcode: 40001 })
  assert.deepEqual(tokens.check(stable), { errcode: 40001 })
})

test('forcing a stable token ends the one before, and not twice within 30 s', async (t) => {
  const { tokens, pass } = await tokensAt(t)
  const first = tokens.stable('wx1', false) as TokenGrant
  tokens.stable('wx1', true)
  assert.deepEqual(tokens.check(first.access_token), { errcode: 40001 })
  pass(29)
  assert.deepEqual(tokens.stable('wx1', true), { errcode: 45011 })
  pass(1)
  assert.ok('access_token' in tokens.stable('wx1', true))
  pass(31)
  assert.ok('access_token' in tokens.stable('wx1', true))
})

test('twenty may be forced a day, by Beijing’s midnight, a second either side', async (t) => {
  const { tokens, pass } = await tokensAt(t)
  for (let count = 0; count < 20; count++) {
    assert.ok('access_token' in tokens.stable('wx1', true), String(count))
    pass(30)
  }
  assert.deepEqual(tokens.stable('wx1', true), { errcode: 45009 })
  // 09:10 in Beijing: 14 h 50 min to midnight
  pass(14 * 3600 + 50 * 60 - 1)
  assert.deepEqual(tokens.stable('wx1', true), { errcode: 45009 })
  pass(1)
  assert.ok('access_token' in tokens.stable('wx1', true))
})

test('no token, a malformed one and a strange one are told apart', async (t) => {
  const { tokens } = await tokensAt(t)
  assert.deepEqual(tokens.check(undefined), { errcode: 41001 })
  assert.deepEqual(tokens.check('no token!'), { errcode: 40014 })
  assert.deepEqual(tokens.check('a'.repeat(513)), { errcode: 40014 })
  assert.deepEqual(tokens.check('made-up'), { errcode: 40001 })
})
