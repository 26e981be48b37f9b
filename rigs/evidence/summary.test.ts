import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readEvaluatedRun } from './evaluated-run.js'
import { buildSampleEvidence } from './sample-evidence.js'
import { formatSummary } from './summary.js'

test('the summary tells failures with their class and party, wires, requirements, and ends with the counts', () => {
  const summary = formatSummary(
    readEvaluatedRun(buildSampleEvidence({ hostile: '\u001b[31m\r\nforged passed' })),
  )
  for (const line of [
    /^ {2}A code for the neighbouring lock .* forged passed$/m,
    /^ {4}product: ContractViolated by platform: platform on platform: /m,
    /^ {4}rig: ScenarioUnfinished: /m,
    /^ {2}pins +lock → board +virtual {2}StandardFirmata 2\.5 on/m,
    /^Requirements: 3 of 19 /m,
    /^ {2}failed: REQ-17 REQ-18$/m,
    /^ {2}uncovered: REQ-01 REQ-02 /m,
    /^Safe state: confirmed/m,
    /^Verdict: rig failure, exit 3, at fidelity virtual$/m,
    /^1 not executed\n1 passed, 2 failed\n$/m,
  ]) {
    assert.match(summary, line)
  }
  assert.ok(!summary.includes('\u001b') && !summary.includes('\r'))
})

test('an empty folder is summed up as nothing executed', () => {
  const summary = formatSummary(readEvaluatedRun(mkdtempSync(join(tmpdir(), 'lockstep-empty-'))))
  assert.match(summary, /NothingExecuted/)
  assert.match(summary, /exit 3.*\n0 passed, 0 failed\n$/)
})
