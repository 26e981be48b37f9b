import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ContractWatch } from './contract-watch.js'

test('the same breach is reported once, with its count; another party or another breach is another', () => {
  const watch = new ContractWatch(['rest'])
  for (const [party, what] of [
    ['cloud', '/a'],
    ['cloud', '/a'],
    ['platform', '/a'],
    ['cloud', undefined],
    ['cloud', '/b'],
    ['cloud', '/a'],
  ] as const) {
    watch.saw('rest', party, what)
  }
  const seen = watch.violations().map(({ party, what, times }) => [party, what, times])
  assert.deepEqual(seen, [
    ['cloud', '/a', 3],
    ['platform', '/a', 1],
    ['cloud', '/b', 1],
  ])
  assert.equal(watch.contracts()[0]?.checked, 6)
})
