import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareCoordinates, DEFAULT_COMPARATOR } from './comparator.js'
import { wgs84 } from './coordinates.js'

const own = wgs84(39.9, 116.4)
/** About 111 m north. */
const elsewhere = wgs84(39.901, 116.4)
const reported = { ...DEFAULT_COMPARATOR, reading: 'reported' } as const

test('the preset reading knows its own space, within the tolerance', () => {
  assert.equal(compareCoordinates(own, { preset: own }, DEFAULT_COMPARATOR).same, true)
  assert.equal(compareCoordinates(wgs84(39.90013, 116.4), { preset: own }, DEFAULT_COMPARATOR).same, true)
  assert.equal(compareCoordinates(wgs84(39.90014, 116.4), { preset: own }, DEFAULT_COMPARATOR).same, false)
})

test('each reading looks at its own source only', () => {
  const known = { preset: own, reported: { point: elsewhere, ageSeconds: 1 } }
  assert.equal(compareCoordinates(own, known, DEFAULT_COMPARATOR).same, true)
  assert.equal(compareCoordinates(own, known, reported).same, false)
  assert.equal(compareCoordinates(elsewhere, known, reported).same, true)
})

test('what is not known is refused by name', () => {
  const refusal = (known: Parameters<typeof compareCoordinates>[1], settings = reported) => {
    const result = compareCoordinates(own, known, settings)
    return result.same ? 'same' : result.refused
  }
  assert.equal(refusal({}, { ...reported, reading: 'preset' } as never), 'no-preset')
  assert.equal(refusal({ preset: own }), 'no-fix')
  assert.equal(refusal({ reported: { point: own, ageSeconds: 601 } }), 'fix-stale')
  assert.equal(refusal({ reported: { point: own, ageSeconds: 600 } }), 'same')
  assert.equal(refusal({ reported: { point: own, ageSeconds: 0, hdop: 5.1 } }), 'fix-poor')
  assert.equal(refusal({ reported: { point: own, ageSeconds: 0, hdop: 5 } }), 'same')
  assert.equal(refusal({ reported: { point: elsewhere, ageSeconds: 0 } }), 'coordinates-differ')
})
