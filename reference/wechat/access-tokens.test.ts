import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { AccessTokens, type TokenGrant } from './access-tokens.js'

function tokensAt() {
  let now = 1_000_000_000_000
  const clock = { now: () => now, at: () => () => undefined }
  return {
    tokens: new AccessTokens(clock, (limit) => randomInt(limit)),
    pass: (s: number) => (now += s * 1000),
  }
}

test('a token lives 7200 s of business time', () => {
  const { tokens, pass } = tokensAt()
  const { access_token, expires_in } = tokens.issue('wx1')
  assert.equal(expires_in, 7200)
  pass(7199)
  assert.deepEqual(tokens.check(access_token), { appId: 'wx1' })
  pass(1)
  assert.deepEqual(tokens.check(access_token), { errcode: 42001 })
})

test('a new token ends the one before after five minutes', () => {
  const { tokens, pass } = tokensAt()
  const before = tokens.issue('wx1').access_token
  tokens.issue('wx1')
  pass(299)
  assert.deepEqual(tokens.check(before), { appId: 'wx1' })
  pass(1)
  assert.deepEqual(tokens.check(before), { errcode: 40001 })
})

test('the stable token stays the same until its last five minutes', () => {
  const { tokens, pass } = tokensAt()
  const first = tokens.stable('wx1', false) as TokenGrant
  pass(6899)
  assert.equal((tokens.stable('wx1', false) as TokenGrant).access_token, first.access_token)
  pass(1)
  assert.notEqual((tokens.stable('wx1', false) as TokenGrant).access_token, first.access_token)
  assert.deepEqual(tokens.check(first.access_token), { appId: 'wx1' })
})

test('forcing a stable token ends the one before, and not twice within 30 s', () => {
  const { tokens, pass } = tokensAt()
  const first = tokens.stable('wx1', false) as TokenGrant
  tokens.stable('wx1', true)
  assert.deepEqual(tokens.check(first.access_token), { errcode: 40001 })
  pass(29)
  assert.deepEqual(tokens.stable('wx1', true), { errcode: 45009 })
  pass(1)
  assert.ok('access_token' in tokens.stable('wx1', true))
})

test('no token and a strange one are told apart', () => {
  const { tokens } = tokensAt()
  assert.deepEqual(tokens.check(undefined), { errcode: 41001 })
  assert.deepEqual(tokens.check('made-up'), { errcode: 40001 })
})
