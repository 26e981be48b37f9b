import type { EvaluatedRun } from './evaluated-run.js'
import type { RequirementCoverage } from './requirement-coverage.js'
import type { RunRecord } from './run-record.js'
import { columns, oneLine } from './terminal-text.js'
import type { Reason, ScenarioVerdict } from './verdict.js'

/**
 * A run in a screenful, for the command line: what failed and whose fault it is, the fidelity of every wire, the
 * requirements, the safe state. The last line is always `N passed, N failed`.
 */
export function formatSummary({ evidence, verdict, coverage }: EvaluatedRun): string {
  const { run, safeState, missing } = evidence
  const failures = verdict.scenarios.filter(({ outcome }) => outcome === 'failed' || outcome === 'unfinished')
  const notShown = verdict.scenarios.filter(({ outcome }) => outcome === 'skipped')
  const lines = [
    ...(failures.length > 0 ? ['Failed', ...failures.flatMap(failureLines), ''] : []),
    ...(notShown.length > 0 ? ['Not shown', ...notShown.flatMap(notShownLines), ''] : []),
    ...(verdict.reasons.length > 0
      ? ['The run', ...verdict.reasons.map((reason) => `  ${reasonLine(reason)}`), '']
      : []),
    ...(missing.length > 0 ? ['Missing evidence', ...missing.map((what) => `  ${oneLine(what)}`), ''] : []),
    ...partyLines(run),
    'Wires',
    ...table(
      (run?.wires ?? []).map(({ wire, from, to, fidelity, by }) => [wire, `${from} → ${to}`, fidelity, by]),
    ),
    '',
    ...requirementLines(coverage),
    `Safe state: ${safeState?.confirmed ? 'confirmed' : 'NOT CONFIRMED'}${safeState ? ` (${oneLine(safeState.reason)})` : ''}`,
    `Verdict: ${verdict.class ? `${verdict.class} failure` : 'passed'}, exit ${verdict.exitCode}, at fidelity ${verdict.fidelity}`,
    ...(verdict.notExecuted > 0 ? [`${verdict.notExecuted} not executed`] : []),
    `${verdict.passed} passed, ${verdict.failed} failed`,
  ]
  return `${lines.join('\n')}\n`
}

/** Named where a user's own took part. */
function partyLines(run: RunRecord | undefined): string[] {
  const external = (run?.parties ?? []).flatMap(({ party, url }) => (url === undefined ? [] : [[party, url]]))
  return external.length > 0 ? ['External parties', ...table(external), ''] : []
}

function failureLines({ scenario, outcome, reasons }: ScenarioVerdict): string[] {
  return [
    `  ${oneLine(scenario.name)}${outcome === 'unfinished' ? ' (not finished)' : ''}`,
    ...reasons.map((reason) => `    ${reasonLine(reason)}`),
  ]
}

function notShownLines({ scenario }: ScenarioVerdict): string[] {
  return [`  ${oneLine(scenario.name)}`, `    ${oneLine(scenario.notShown ?? 'skipped without a reason')}`]
}

function reasonLine({ class: blame, name, what, party }: Reason): string {
  const text = oneLine(what)
  return `${blame}: ${name}${party === undefined ? '' : ` by ${party}`}: ${text.length > 240 ? `${text.slice(0, 239)}…` : text}`
}

function requirementLines(coverage: readonly RequirementCoverage[]): string[] {
  const ids = (status: RequirementCoverage['status']) =>
    coverage.filter((entry) => entry.status === status).map(({ requirement }) => requirement.id)
  const [failed, uncovered] = [ids('failed'), ids('uncovered')]
  return [
    `Requirements: ${ids('passed').length} of ${coverage.length} shown by executed scenarios`,
    ...(failed.length > 0 ? [`  failed: ${failed.join(' ')}`] : []),
    ...(uncovered.length > 0 ? [`  uncovered: ${uncovered.join(' ')}`] : []),
  ]
}

function table(rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return ['  not recorded']
  const clean = rows.map((row) => row.map(oneLine))
  const widths = clean[0]!.map((_, i) => Math.max(...clean.map((row) => columns(row[i]!))))
  return clean.map((row) =>
    `  ${row.map((cell, i) => cell + ' '.repeat(widths[i]! - columns(cell))).join('  ')}`.trimEnd(),
  )
}
