import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Alert } from '../../../reference/contracts/platform-api.js'
import { alertMark } from './alert-mark.js'

test('an alert that was raised again is news, one that stands from an earlier scenario is none', () => {
  const at = '2026-03-01T09:00:00.000Z'
  const alert: Alert = {
    alertId: 'a-1',
    sequence: 4,
    at,
    lockId: 'L-17',
    bayId: 'B-17',
    kind: 'foreign-code',
  }
  assert.equal(alertMark({ ...alert }), alertMark(alert))
  const again = { ...alert, sequence: 9, times: 2, lastAt: '2026-03-01T09:01:00.000Z' }
  assert.notEqual(alertMark(again), alertMark(alert))
  assert.notEqual(alertMark({ ...again, times: 3 }), alertMark(again))
})
