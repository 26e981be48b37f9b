import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kneeOf } from './fleet-knee.js'

const good = (locks: number, p99Ms = 100) => ({ locks, offered: locks, ended: locks, p99Ms })

test('a curve has its knee where journeys queue, or where p99 leaves its plateau', () => {
  assert.deepEqual(kneeOf([good(100), good(300)]), { lastGood: 300, firstBad: undefined, why: undefined })
  const queued = kneeOf([good(100), good(300, 250), { ...good(1_000), ended: 700 }, good(3_000)])
  assert.deepEqual([queued.lastGood, queued.firstBad], [300, 1_000])
  assert.match(queued.why ?? '', /700 of 1000/)
  const slow = kneeOf([good(100, 120), good(300, 100), good(1_000, 290), good(3_000, 310)])
  assert.deepEqual([slow.lastGood, slow.firstBad], [1_000, 3_000])
  assert.match(slow.why ?? '', /3\.1 times/)
})

test('so few journeys that their number means nothing make no knee; that nobody is told does', () => {
  assert.equal(kneeOf([{ locks: 100, offered: 12, ended: 8, p99Ms: 100 }]).firstBad, undefined)
  assert.equal(kneeOf([{ locks: 100, offered: 12, ended: 0, p99Ms: null }]).firstBad, 100)
})
