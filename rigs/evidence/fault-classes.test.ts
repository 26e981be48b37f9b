import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEvaluatedRun } from './evaluated-run.js'
import { judgeRun } from './verdict.js'
import { moduleUrl, runTestFeatures } from './test-features.js'

const FAULTS = moduleUrl('reference/ports/faults.js')
const RIG_ERRORS = moduleUrl('rigs/bench/rig-errors.js')

const STEPS = `
import assert from 'node:assert/strict'
import { After, AfterStep, Before, BeforeStep, Then } from '@cucumber/cucumber'
import { productFault, RigFault, UsageFault } from '${FAULTS}'
import { SafeStateUnconfirmed } from '${RIG_ERRORS}'
class NoScreen extends RigFault {}
const thrown = {
  assertion: () => assert.equal(1, 2),
  product: () => { throw productFault('the barrier stayed closed') },
  screen: () => { throw new NoScreen('no page is open') },
  usage: () => { throw new UsageFault('no such bus') },
  unsafe: () => { throw new SafeStateUnconfirmed('no readback') },
  plain: () => { throw new Error('odd', { cause: new TypeError('the root of it') }) },
  text: () => { throw 'a text' },
  nothing: () => Promise.reject(undefined),
}
const work = (kind) => thrown[kind]()
Then('it throws {word}', work)
Then('it rejects with {word}', async (kind) => { await null; await work(kind) })
Then('it calls back with {word}', (kind, done) => { try { work(kind) } catch (error) { done(error) } })
Then('it leaves uncaught {word}', (kind) => new Promise(() => setImmediate(() => work(kind))))
Then('it takes too long', { timeout: 20 }, () => new Promise(() => undefined))
Then('it is late with {word}', { timeout: 20 }, async (kind) => { await new Promise((resolve) => setTimeout(resolve, 40)); work(kind) })
Then('all is well', () => undefined)
After('@late', () => new Promise((resolve) => setTimeout(resolve, 60)))
for (const kind of Object.keys(thrown)) {
  Before('@before-' + kind, () => work(kind))
  After('@after-' + kind, () => work(kind))
  BeforeStep('@before-step-' + kind, () => work(kind))
  AfterStep('@after-step-' + kind, () => work(kind))
}
`

/** Tags, step, class and name of the reasons. */
const cases: [tags: string, step: string, exitCode: number, reasons: string][] = [
  ['', 'it throws assertion', 1, 'product AssertionError'],
  ['', 'it rejects with assertion', 1, 'product AssertionError'],
  ['', 'it calls back with assertion', 1, 'product AssertionError'],
  ['', 'it leaves uncaught assertion', 1, 'product AssertionError'],
  ['', 'it rejects with product', 1, 'product ProductFault'],
  ['', 'it throws screen', 3, 'rig NoScreen'],
  ['', 'it leaves uncaught screen', 3, 'rig NoScreen'],
  ['', 'it rejects with usage', 2, 'usage UsageFault'],
  ['', 'it calls back with unsafe', 4, 'safe-state SafeStateUnconfirmed'],
  ['', 'it throws plain', 3, 'rig Error'],
  ['', 'it throws text', 3, 'rig Error'],
  ['', 'it rejects with nothing', 3, 'rig Error'],
  ['', 'it takes too long', 3, 'rig Error'],
  // What a step throws after its time is over is not taken for what failed the hook that runs then.
  ['@late @after-plain', 'it is late with unsafe', 3, 'rig Error, rig Error'],
  ['@before-assertion', 'all is well', 1, 'product AssertionError'],
  ['@before-screen', 'all is well', 3, 'rig NoScreen'],
  ['@after-product', 'all is well', 1, 'product ProductFault'],
  ['@after-plain', 'all is well', 3, 'rig Error'],
  ['@after-unsafe', 'it throws assertion', 4, 'product AssertionError, safe-state SafeStateUnconfirmed'],
  ['@after-screen', 'it throws assertion', 3, 'product AssertionError, rig NoScreen'],
  ['@before-step-screen', 'all is well', 3, 'rig NoScreen'],
  ['@after-step-product', 'all is well', 1, 'product ProductFault'],
  ['@after-step-screen', 'it throws assertion', 3, 'rig AssertionError'],
]

const scenarios = cases.map(([tags, step], i) => `  ${tags}\n  Scenario: ${i}\n    Then ${step}\n`)

test('whatever a step or hook throws, and however, its class comes through Cucumber to the judge', async (t) => {
  const { folder } = await runTestFeatures(t, { feature: `Feature: f\n${scenarios.join('')}`, steps: STEPS })
  const { evidence, verdict } = readEvaluatedRun(folder)
  const proof = { confirmed: true, reason: '', problem: null, readback: null, startedAt: '', finishedAt: '' }
  const run = {
    runId: '',
    startedAt: '',
    rig: '',
    fidelity: 'virtual' as const,
    wires: [],
    parties: [],
    attestation: {},
  }
  for (const [i, [tags, step, exitCode, reasons]] of cases.entries()) {
    const judged = verdict.scenarios[i]
    const said = judged?.reasons.map(({ class: blamed, name }) => `${blamed} ${name}`).join(', ')
    assert.equal(said, reasons, `${tags} ${step}`)
    const alone = { ...evidence.testRun, scenarios: [evidence.testRun.scenarios[i]!], success: undefined }
    assert.equal(judgeRun({ ...evidence, run, safeState: proof, testRun: alone }).exitCode, exitCode, step)
  }
  const plain = verdict.scenarios.find(({ scenario }) =>
    scenario.steps.some(({ text }) => text === 'it throws plain'),
  )
  assert.match(
    plain?.scenario.steps.find(({ error }) => error)?.error?.stackTrace ?? '',
    /Error: odd[^]*steps\.mjs[^]*caused by: TypeError: the root of it[^]*steps\.mjs/,
    'an unforeseen error has its stack in the evidence',
  )
})

const RUN_HOOKS = (hook: string) => `
import assert from 'node:assert/strict'
import { AfterAll, BeforeAll, Then } from '@cucumber/cucumber'
Then('all is well', () => undefined)
AfterAll(() => console.error('the bench was closed'))
${hook}
`
const ONE = 'Feature: f\n  Scenario: s\n    Then all is well\n'

test('the class of what a hook of the whole run throws comes through, and the other hooks have their turn', async (t) => {
  const steps = RUN_HOOKS(`AfterAll(async () => assert.fail('left over'))`)
  const { folder, output } = await runTestFeatures(t, { feature: ONE, steps, judged: true })
  assert.match(output, /a hook after the run failed: AssertionError: left over\nthe bench was closed/)
  const reasons = readEvaluatedRun(folder).verdict.reasons.map(
    ({ class: blamed, name }) => `${blamed} ${name}`,
  )
  assert.deepEqual(reasons.slice(0, 1), ['product AssertionError'])
})

test('before the run, and where nothing judges, Cucumber ends as it does', async (t) => {
  const steps = RUN_HOOKS(`BeforeAll(() => { throw new TypeError('no bench') })`)
  const { folder, output } = await runTestFeatures(t, { feature: ONE, steps, judged: true })
  assert.match(output, /BeforeAll hook errored/)
  const [reason, ...others] = readEvaluatedRun(folder).verdict.reasons.filter(
    ({ name }) => name === 'TypeError',
  )
  assert.deepEqual([reason?.class, others], ['rig', []])
})
