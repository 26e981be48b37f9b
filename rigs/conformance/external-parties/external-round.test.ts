import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeRound } from './external-round.js'

const ran = (outcome: string, notShown?: string, attempts = 1) => ({
  outcome,
  scenario: { name: 'a scenario', attempts, ...(notShown !== undefined && { notShown }) },
  reasons: [],
})
const judge = (scenarios: ReturnType<typeof ran>[], code = 0) =>
  judgeRound({ verdict: { exitCode: code, reasons: [], scenarios } }, code, 1).problems

test('a round passes with three scenarios that were skipped by name, and with no other gap', () => {
  const skipped = ran('skipped', 'the party has no clock')
  assert.deepEqual(judge([ran('passed'), skipped, skipped, skipped]), [])
  assert.match(judge([skipped, skipped, skipped, skipped])[0] ?? '', /4 scenarios were skipped/)
  assert.match(judge([ran('skipped')])[0] ?? '', /^skipped: a scenario/, 'without a reason')
  assert.match(judge([ran('failed')])[0] ?? '', /^failed/)
  assert.match(judge([ran('not-started')])[0] ?? '', /^not-started/)
  assert.match(judge([ran('passed', undefined, 2)])[0] ?? '', /^retried/)
  assert.match(judge([ran('passed')], 1)[0] ?? '', /ended with 1/)
})
