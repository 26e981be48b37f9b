import assert from 'node:assert/strict'
import { test } from 'node:test'
import { candumpFilters } from './candump-filters.js'

for (const [what, filters, expected] of [
  ['no filters let everything in', undefined, ['0:0']],
  ['an empty list lets nothing in', [], ['0~0']],
  ['a filter for both formats leaves the flag out of its mask', [{ id: 0x105, mask: 0x7ff }], ['105:7FF']],
  ['an 11-bit filter wants the flag clear', [{ id: 0x105, mask: 0x7ff, extended: false }], ['105:800007FF']],
  [
    'a 29-bit filter wants the flag set',
    [{ id: 0x105, mask: 0x1fffffff, extended: true }],
    ['80000105:9FFFFFFF'],
  ],
  ['an inverted filter', [{ id: 0x105, mask: 0x7ff, extended: false, invert: true }], ['105~800007FF']],
  ['an 11-bit filter that nothing can match', [{ id: 0x1000, mask: 0x1fff, extended: false }], ['0~0']],
  [
    'an 11-bit filter that nothing can match, inverted',
    [{ id: 0x1000, mask: 0x1fff, extended: false, invert: true }],
    ['0:0'],
  ],
  [
    'more filters than the kernel takes are left to the driver',
    Array.from({ length: 1_000 }, (_, id) => ({ id, mask: 0x7ff })),
    ['0:0'],
  ],
] as const) {
  test(`kernel filters: ${what}`, () => assert.deepEqual(candumpFilters(filters), expected))
}
