import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OwnLedger } from './own-ledger.js'

const OWN = { own: true, skipped: 0 }
const FOREIGN = { own: false, skipped: 0 }

function ledger(keys: string, silentDrops = false): OwnLedger {
  const made = new OwnLedger(silentDrops)
  for (const key of keys) made.sent(key)
  return made
}

test('echoes in the order sent are own, everything else is not', () => {
  const sent = ledger('abc')
  assert.deepEqual(
    [...'xaybcz'].map((key) => sent.take(key)),
    [FOREIGN, OWN, FOREIGN, OWN, OWN, FOREIGN],
  )
  assert.equal(sent.awaited, 0)
})

test("another node's frame that equals a later one of ours is not ours while nothing was dropped", () => {
  const sent = ledger('abc')
  assert.deepEqual(
    [...'cabc'].map((key) => sent.take(key)),
    [FOREIGN, OWN, OWN, OWN],
  )
})

test('as many echoes are passed over as frames were dropped, and no more', () => {
  const one = ledger('abcd')
  one.missed(1)
  assert.deepEqual(one.take('c'), FOREIGN)
  assert.deepEqual(one.take('b'), { own: true, skipped: 1 })
  assert.deepEqual(one.take('d'), FOREIGN, 'the dropped frame has been found')
  assert.deepEqual(one.take('c'), OWN)
  const two = ledger('abc')
  two.missed(2)
  assert.deepEqual(two.take('c'), { own: true, skipped: 2 })
})

test('a drop before the next echo in turn was of a frame of others', () => {
  const sent = ledger('abc')
  sent.missed(5)
  assert.deepEqual(sent.take('a'), OWN)
  assert.deepEqual(sent.take('c'), FOREIGN)
})

test('a drop while nothing is awaited excuses no later echo', () => {
  const sent = ledger('')
  sent.missed(3)
  sent.sent('a')
  sent.sent('b')
  assert.deepEqual(sent.take('b'), FOREIGN)
})

test('what was not sent after all is no longer awaited', () => {
  const sent = ledger('abc')
  sent.unsent(2)
  assert.deepEqual([sent.awaited, sent.take('a'), sent.take('b')], [1, OWN, FOREIGN])
})

test('echoes that will not come are given up from the oldest on', () => {
  const sent = ledger('abc')
  sent.giveUp(2)
  assert.deepEqual([sent.take('a'), sent.take('c')], [FOREIGN, OWN])
})

test('where drops are told late, any echo may be passed over', () => {
  assert.deepEqual(ledger('abc', true).take('c'), { own: true, skipped: 2 })
})

test('a long run does not make the ledger grow', () => {
  const sent = new OwnLedger()
  for (let n = 0; n < 10_000; n++) {
    sent.sent(String(n))
    assert.deepEqual(sent.take(String(n)), OWN)
  }
  assert.equal(sent.awaited, 0)
})
