import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readEvaluatedRun } from './evaluated-run.js'
import { declaredFaults } from './test-fault-classes.js'
import { moduleUrl, runTestFeatures } from './test-features.js'
import { EXIT_CODES, judgeRun } from './verdict.js'

/** Constructs a class without knowing what it takes: of texts, or of what is a text, a list, an object or a number as it is used. */
const STEPS = `
import { Then } from '@cucumber/cucumber'
const anything = new Proxy(function () {}, {
  get: (_, key) =>
    key === Symbol.toPrimitive ? (hint) => (hint === 'number' ? 1 : 'sample')
    : key === Symbol.iterator ? () => [].values()
    : key === 'then' ? undefined
    : anything,
  apply: () => anything,
})
Then('{word} of {word} is thrown', async (name, module) => {
  const faults = await import(new URL(module, '${moduleUrl('')}/'))
  throw construct(faults[name])
})
const construct = (fault) => {
  try {
    return new fault(...Array(8).fill('sample'))
  } catch {
    return new fault(...Array(8).fill(anything))
  }
}
`

test('each class of errors, found in the sources, thrown once: the exit code is that of its base', async (t) => {
  const faults = declaredFaults()
  for (const wanted of [
    'NoScreen',
    'BoardClockSilent',
    'SafeStateUnconfirmed',
    'WireSilent',
    'UnknownProfile',
  ]) {
    assert.ok(
      faults.some(({ name }) => name === wanted),
      `${wanted} is not found`,
    )
  }
  const hidden = faults.filter(({ exported }) => !exported).map(({ name }) => name)
  assert.deepEqual(hidden, [], 'a class that is not exported cannot be thrown here')
  const scenarios = faults.map(
    ({ name, module }) => `  Scenario: ${name}\n    Then ${name} of ${module} is thrown\n`,
  )
  const { folder } = await runTestFeatures(t, { feature: `Feature: f\n${scenarios.join('')}`, steps: STEPS })
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ rig: 'virtual', fidelity: 'virtual' }))
  writeFileSync(join(folder, 'safe-state.json'), JSON.stringify({ confirmed: true, reason: 'asked' }))
  const { evidence } = readEvaluatedRun(folder)
  assert.equal(evidence.testRun.scenarios.length, faults.length)
  for (const [i, scenario] of evidence.testRun.scenarios.entries()) {
    const { name, faultClass } = faults[i]!
    const alone = judgeRun({ ...evidence, testRun: { ...evidence.testRun, scenarios: [scenario] } })
    const [reason] = alone.scenarios[0]!.reasons
    assert.deepEqual([reason?.name, alone.exitCode], [name, EXIT_CODES[faultClass]], reason?.what ?? name)
  }
  const together = (chosen: readonly string[]) =>
    judgeRun({
      ...evidence,
      testRun: {
        ...evidence.testRun,
        scenarios: evidence.testRun.scenarios.filter(({ name }) => chosen.includes(name)),
      },
    }).exitCode
  assert.equal(together(['WireSilent', 'UnknownProfile']), 2)
  assert.equal(together(['WireSilent', 'NoScreen']), 3)
  assert.equal(together(['WireSilent', 'NoScreen', 'SafeStateUnconfirmed']), 4)
})
