import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FaultClass } from '../../reference/ports/faults.js'
import type { Evidence, ScenarioEvidence } from './evidence-folder.js'
import { coverRequirements, readRequirements } from './requirement-coverage.js'
import type { RunRecord } from './run-record.js'
import { sampleMessages, startedId, type SampleRun, type SampleStep } from './sample-messages.js'
import { TestRunCollector } from './test-run.js'
import { judgeRun } from './verdict.js'

const passed: SampleStep = { text: 'the bolt is up', status: 'PASSED' }
const failed = (type: string, faultClass?: FaultClass, hook = false): SampleStep => ({
  text: 'x',
  status: 'FAILED',
  hook,
  error: { type, message: 'm', ...(faultClass && { faultClass }) },
})
const wires: RunRecord['wires'] = [
  { wire: 'can', from: 'T-BOX', to: 'head unit', fidelity: 'kernel', by: 'vcan' },
  { wire: 'pins', from: 'lock', to: 'board', fidelity: 'virtual', by: 'avr8js' },
]
const run: RunRecord = {
  runId: 'r',
  startedAt: '',
  rig: 'virtual',
  fidelity: 'virtual',
  wires,
  parties: [],
  attestation: {},
}

const proof = {
  confirmed: true,
  reason: 'asked',
  problem: null,
  readback: null,
  startedAt: '2026-01-05T08:31:01Z',
  finishedAt: '2026-01-05T08:31:02Z',
}

function evidenceOf(sample: SampleRun, changes: Partial<Evidence> = {}): Evidence {
  const testRun = new TestRunCollector()
  for (const envelope of sampleMessages(sample)) testRun.add(envelope)
  return {
    folder: '',
    run,
    testRun,
    safeState: proof,
    timeline: { entries: [], byCorrelation: new Map(), unreadable: new Map() },
    scenarios: new Map(),
    missing: [],
    ...changes,
  }
}

const one = (...steps: SampleStep[]): SampleRun => ({ scenarios: [{ name: 's', steps }] })
const contracts = (verdicts: ScenarioEvidence['contracts']): Partial<Evidence> => ({
  scenarios: new Map([
    [
      startedId(0),
      { folder: '', artefacts: [], contracts: verdicts, window: undefined, timeline: [], missing: [] },
    ],
  ]),
})

const cases: [string, Evidence, number, string][] = [
  ['all passed', evidenceOf(one(passed)), 0, ''],
  ['an assertion fails', evidenceOf(one(passed, failed('AssertionError', 'product'))), 1, 'AssertionError'],
  ['a step meets a rig fault', evidenceOf(one(failed('NoScreen', 'rig'))), 3, 'NoScreen'],
  ['a step fails by an error that nothing foresaw', evidenceOf(one(failed('TypeError'))), 3, 'TypeError'],
  ['a step names what cannot be used', evidenceOf(one(failed('InvalidCanUrl', 'usage'))), 2, 'InvalidCanUrl'],
  ['the product and usage', evidenceOf(one(failed('A', 'product'), failed('B', 'usage'))), 2, 'A B'],
  ['the product and the rig', evidenceOf(one(failed('A', 'rig'), failed('B', 'product'))), 3, 'A B'],
  ['the rig and the safe state', evidenceOf(one(failed('A', 'safe-state'), failed('B', 'rig'))), 4, 'A B'],
  ['a hook fails', evidenceOf(one(failed('Error', undefined, true), passed)), 3, 'Error'],
  [
    'a hook finds the product at fault',
    evidenceOf(one(failed('ContractBroken', 'product', true), passed)),
    1,
    'ContractBroken',
  ],
  ['a step is undefined', evidenceOf(one({ text: 'x', status: 'UNDEFINED' })), 3, 'StepUndefined'],
  ['a step is ambiguous', evidenceOf(one({ text: 'x', status: 'AMBIGUOUS' })), 3, 'StepAmbiguous'],
  ['a step is pending', evidenceOf(one({ text: 'x', status: 'PENDING' })), 3, 'StepPending'],
  ['a scenario has no step', evidenceOf(one()), 3, 'NoSteps'],
  ['nothing was executed', evidenceOf({ scenarios: [] }), 3, 'NothingExecuted'],
  ['all was skipped', evidenceOf(one({ text: 'x', status: 'SKIPPED' })), 3, 'NothingExecuted'],
  [
    'a retried pass',
    evidenceOf({ scenarios: [{ name: 's', steps: [passed], attempts: 2 }] }),
    1,
    'PassedOnlyWhenRetried',
  ],
  [
    'killed midway',
    evidenceOf({
      scenarios: [{ name: 's', steps: [passed, { text: 'x' }], finished: false }],
      finished: false,
    }),
    3,
    'RunUnfinished ScenarioUnfinished',
  ],
  [
    'a hook of the run fails',
    evidenceOf({ ...one(passed), runHook: { type: 'Error', message: 'no boot' } }),
    3,
    'Error',
  ],
  [
    'the safe state is not confirmed',
    evidenceOf(one(failed('RigFault', 'rig'), failed('AssertionError', 'product')), {
      safeState: { ...proof, confirmed: false, problem: 'current flows' },
    }),
    4,
    'SafeStateNotConfirmed RigFault AssertionError',
  ],
  [
    'there is no safe-state proof',
    evidenceOf(one(passed), { safeState: undefined }),
    4,
    'SafeStateNotConfirmed',
  ],
  ['nobody says what ran', evidenceOf(one(passed), { run: undefined }), 3, 'RigUnattested'],
  [
    'a contract is violated',
    evidenceOf(
      one(passed),
      contracts([{ wire: 'can', checked: 2, violations: [{ party: 'cloud', what: '/x' }] }]),
    ),
    1,
    'ContractViolated',
  ],
]

for (const [name, evidence, exitCode, reasons] of cases) {
  test(`exit ${exitCode}: ${name}`, () => {
    const verdict = judgeRun(evidence)
    assert.equal(verdict.exitCode, exitCode)
    const all = [...verdict.reasons, ...verdict.scenarios.flatMap((scenario) => scenario.reasons)]
    assert.equal(all.map((reason) => reason.name).join(' '), reasons)
  })
}

test('a contract violation fails its scenario and names the party', () => {
  const breach = [{ wire: 'can', checked: 2, violations: [{ party: 'cloud', what: '/x' }] }]
  const [scenario] = judgeRun(evidenceOf(one(passed), contracts(breach))).scenarios
  assert.deepEqual(
    [scenario?.outcome, scenario?.class, scenario?.reasons[0]?.party],
    ['failed', 'product', 'cloud'],
  )
})

test('a scenario is as real as the least real wire that it used, and never graded up for want of knowledge', () => {
  const fidelity = (used: string[]) =>
    judgeRun(evidenceOf(one(passed), contracts(used.map((wire) => ({ wire, checked: 1, violations: [] })))))
      .scenarios[0]?.fidelity
  assert.equal(fidelity(['can']), 'kernel')
  assert.equal(fidelity(['can', 'pins']), 'virtual')
  assert.equal(fidelity(['can', 'not in run.json']), 'virtual')
  assert.equal(fidelity([]), 'virtual')
})

test('a requirement is shown only by executed scenarios, all of which passed', () => {
  const scenario = (tag: string, step: SampleStep) => ({ name: tag, tags: [tag], steps: [step] })
  const verdict = judgeRun(
    evidenceOf({
      scenarios: [
        scenario('@REQ-01', passed),
        scenario('@REQ-02', passed),
        scenario('@REQ-02', failed('AssertionError', 'product')),
        scenario('@REQ-03', { text: 'x', status: 'SKIPPED' }),
        { ...scenario('@REQ-04', passed), started: false },
      ],
    }),
  )
  const coverage = coverRequirements(readRequirements(), verdict)
  assert.equal(coverage.length, 19)
  assert.deepEqual(
    coverage.slice(0, 5).map(({ status, fidelity }) => [status, fidelity]),
    [
      ['passed', 'virtual'],
      ['failed', undefined],
      ['uncovered', undefined],
      ['uncovered', undefined],
      ['uncovered', undefined],
    ],
  )
  assert.deepEqual([verdict.passed, verdict.failed, verdict.notExecuted], [2, 1, 2])
})
