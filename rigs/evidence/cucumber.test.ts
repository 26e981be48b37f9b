import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createUnlockCode } from '../../reference/domain/unlock-code.js'
import { readEvaluatedRun } from './evaluated-run.js'
import { createRedactor } from './redaction.js'
import { redactCucumberFiles } from './redact-files.js'
import { runTestFeatures } from './test-features.js'

const code = createUnlockCode((limit) => 4 % limit)

const FEATURE = `
Feature: A feature
  Background:
    Given a bay
  Rule: A rule
    @REQ-01
    Scenario: passes
      Then the code is sent
    @REQ-02
    Scenario: fails
      Then the code is quoted
      And the code is sent
    Scenario: meets a rig fault
      Then the board is gone
    Scenario Outline: is undefined at <bay>
      Then nobody knows <bay>
      Examples:
        | bay  |
        | B-17 |
`

const STEPS = `
import assert from 'node:assert/strict'
import { Before, Given, Then } from '@cucumber/cucumber'
Before({ name: 'a baseline' }, () => undefined)
Given('a bay', () => undefined)
Then('the code is sent', () => undefined)
Then('the code is quoted', () => assert.equal('${code}', 'none'))
Then('the board is gone', () => { throw Object.assign(new Error('no samples'), { name: 'RigTimeout' }) })
`

test('what Cucumber itself writes is read, judged and redacted, and it loads the progress formatter', async (t) => {
  const { folder, output: stdout } = await runTestFeatures(t, { feature: FEATURE, steps: STEPS })
  assert.match(
    stdout,
    /^\[1\/4\] passes\n( {4}.*\n)+\[1\/4\] passed {2}passes {2}.*\n\[2\/4\] fails\n( {4}.*\n)+\[2\/4\] failed {2}fails/,
  )
  await redactCucumberFiles(folder, createRedactor(new Uint8Array(32)))
  for (const file of ['messages.ndjson', 'junit.xml']) {
    const text = readFileSync(join(folder, file), 'utf8')
    assert.ok(text.length > 500 && !text.includes(code) && /code:[0-9a-f]{8}/.test(text), file)
  }
  const { verdict, coverage } = readEvaluatedRun(folder)
  assert.deepEqual(
    verdict.scenarios.map(({ scenario, outcome, class: blame, reasons }) => [
      scenario.name,
      scenario.rule,
      scenario.steps.map(({ keyword }) => keyword).join(' '),
      outcome,
      blame,
      reasons.map(({ name }) => name).join(' '),
    ]),
    [
      ['passes', 'A rule', 'Before Given Then', 'passed', undefined, ''],
      ['fails', 'A rule', 'Before Given Then And', 'failed', 'product', 'AssertionError'],
      ['meets a rig fault', 'A rule', 'Before Given Then', 'failed', 'rig', 'RigTimeout'],
      ['is undefined at B-17', 'A rule', 'Before Given Then', 'failed', 'rig', 'StepUndefined'],
    ],
  )
  assert.deepEqual(
    coverage.slice(0, 3).map(({ status }) => status),
    ['passed', 'failed', 'uncovered'],
  )
})
