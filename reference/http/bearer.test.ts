import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearerOf } from './bearer.js'

test('a bearer credential is read whatever the case of its scheme', () => {
  for (const header of ['Bearer t-1', 'bearer t-1', 'BEARER t-1', 'bEaReR   t-1']) {
    assert.equal(bearerOf(header), 't-1', header)
  }
  for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Bearert-1', 'Basic t-1', 'Bearer\tt-1']) {
    assert.equal(bearerOf(header), '', header)
  }
})
