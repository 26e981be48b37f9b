import { worstClass, type FaultClass } from '../../reference/ports/faults.js'
import type { Evidence, ScenarioEvidence } from './evidence-folder.js'
import { lowestFidelity, type Fidelity } from './fidelity.js'
import type { RunRecord } from './run-record.js'
import { UNNAMED } from './step-error.js'
import type { ScenarioRecord, StepRecord } from './test-run.js'

/** Exit codes of `lockstep run`; where several hold the highest class wins (DESIGN 3). */
export const EXIT_CODES = { product: 1, usage: 2, rig: 3, 'safe-state': 4 } as const satisfies Record<
  FaultClass,
  number
>

export interface Reason {
  readonly class: FaultClass
  /** Kebab-free name: `StepFailed`, `NothingExecuted`, `ContractViolated`… */
  readonly name: string
  readonly what: string
  /** The party at fault, where it is known. */
  readonly party?: string
}

/** `skipped` and `not-started` were not executed; `unfinished` was cut off in its middle. */
export type Outcome = 'passed' | 'failed' | 'skipped' | 'unfinished' | 'not-started'

export interface ScenarioVerdict {
  readonly scenario: ScenarioRecord
  readonly outcome: Outcome
  /** The worst of its reasons; absent without one. */
  readonly class?: FaultClass
  readonly reasons: readonly Reason[]
  /** The lowest of the wires that it used. */
  readonly fidelity: Fidelity
  readonly durationMs: number | undefined
}

export interface RunVerdict {
  readonly exitCode: 0 | 1 | 2 | 3 | 4
  readonly class?: FaultClass
  /** Reasons that belong to the run and not to one scenario. */
  readonly reasons: readonly Reason[]
  readonly scenarios: readonly ScenarioVerdict[]
  readonly passed: number
  /** Failed and unfinished ones. */
  readonly failed: number
  /** Skipped and never started ones. */
  readonly notExecuted: number
  readonly fidelity: Fidelity
}

const worst = (reasons: readonly Reason[]) => worstClass(reasons.map((reason) => reason.class))

/** Judges a run by its evidence alone. */
export function judgeRun(evidence: Evidence): RunVerdict {
  const scenarios = evidence.testRun.scenarios.map((scenario) =>
    judgeScenario(scenario, evidence.scenarios.get(scenario.startedId ?? ''), evidence.run),
  )
  const count = (...outcomes: Outcome[]) =>
    scenarios.filter(({ outcome }) => outcomes.includes(outcome)).length
  const executed = count('passed', 'failed', 'unfinished')
  const reasons = runReasons(evidence, executed)
  const all = [...reasons, ...scenarios.flatMap((verdict) => verdict.reasons)]
  if (all.length === 0 && evidence.testRun.success === false) {
    reasons.push({
      class: 'rig',
      name: 'RunFailed',
      what: 'Cucumber calls the run failed, but names no cause',
    })
  }
  const culprit = worst([...reasons, ...all])
  return {
    exitCode: culprit ? EXIT_CODES[culprit] : 0,
    ...(culprit ? { class: culprit } : {}),
    reasons,
    scenarios,
    passed: count('passed'),
    failed: count('failed', 'unfinished'),
    notExecuted: count('skipped', 'not-started'),
    fidelity: lowestFidelity([
      ...(evidence.run ? [evidence.run.fidelity] : []),
      ...(evidence.run?.wires.map((wire) => wire.fidelity) ?? []),
    ]),
  }
}

function runReasons({ testRun, safeState, run }: Evidence, executed: number): Reason[] {
  const reasons: Reason[] = testRun.faults.map(({ where, error }) => ({
    class: error.faultClass ?? 'rig',
    name: error.type,
    what: `${where}: ${error.message}`,
  }))
  if (executed === 0) {
    reasons.push({
      class: 'rig',
      name: 'NothingExecuted',
      what: 'no scenario was executed, so nothing was shown',
    })
  }
  if (testRun.started && !testRun.finished) {
    reasons.push({ class: 'rig', name: 'RunUnfinished', what: 'the run ended before Cucumber did' })
  }
  if (executed > 0 && !run) {
    reasons.push({ class: 'rig', name: 'RigUnattested', what: 'run.json does not say what ran' })
  }
  if (safeState ? !safeState.confirmed : executed > 0) {
    const what = safeState
      ? `${safeState.reason}: ${safeState.problem ?? 'no readback'}`
      : 'there is no proof of it: safe-state.json is missing or damaged'
    reasons.push({ class: 'safe-state', name: 'SafeStateNotConfirmed', what })
  }
  return reasons
}

function judgeScenario(
  scenario: ScenarioRecord,
  evidence: ScenarioEvidence | undefined,
  run: RunRecord | undefined,
): ScenarioVerdict {
  const reasons = [...stepReasons(scenario), ...contractReasons(evidence)]
  const culprit = worst(reasons)
  const { startedAtMs, finishedAtMs, finished } = scenario
  return {
    scenario,
    outcome: outcomeOf(scenario, reasons),
    ...(culprit ? { class: culprit } : {}),
    reasons,
    fidelity: scenarioFidelity(evidence, run),
    durationMs:
      finished && startedAtMs !== undefined && finishedAtMs !== undefined
        ? finishedAtMs - startedAtMs
        : undefined,
  }
}

function outcomeOf(scenario: ScenarioRecord, reasons: readonly Reason[]): Outcome {
  if (scenario.startedId === undefined) return 'not-started'
  if (!scenario.finished) return 'unfinished'
  if (reasons.length > 0) return 'failed'
  return scenario.steps.some((step) => step.status === 'SKIPPED') ? 'skipped' : 'passed'
}

function stepReasons(scenario: ScenarioRecord): Reason[] {
  if (scenario.startedId === undefined) return []
  const reasons = scenario.steps.flatMap(stepReason)
  if (!scenario.finished) {
    reasons.push({ class: 'rig', name: 'ScenarioUnfinished', what: 'the run ended in the middle of it' })
  } else if (!scenario.steps.some((step) => step.kind === 'step')) {
    reasons.push({ class: 'rig', name: 'NoSteps', what: 'the scenario has no step, so it shows nothing' })
  }
  if (scenario.attempts > 1 && reasons.length === 0) {
    reasons.push({
      class: 'product',
      name: 'PassedOnlyWhenRetried',
      what: `it passed at attempt ${scenario.attempts} only`,
    })
  }
  return reasons
}

function stepReason(step: StepRecord): Reason[] {
  const where = `${step.keyword} ${step.text}`.trim()
  switch (step.status) {
    case 'UNDEFINED':
    case 'AMBIGUOUS':
    case 'PENDING':
    case 'UNKNOWN': {
      const state = step.status.toLowerCase()
      return [
        {
          class: 'rig',
          name: `Step${state[0]!.toUpperCase()}${state.slice(1)}`,
          what: `"${where}" is ${state}`,
        },
      ]
    }
    case 'FAILED': {
      const { type, message, faultClass } = step.error ?? UNNAMED
      // An unforeseen error shows nothing about the product.
      return [{ class: faultClass ?? 'rig', name: type, what: `${where}: ${message}` }]
    }
    default:
      return []
  }
}

function contractReasons(evidence: ScenarioEvidence | undefined): Reason[] {
  return (evidence?.contracts ?? []).flatMap(({ wire, violations }) =>
    violations.map(({ party, what }) => ({
      class: 'product' as const,
      name: 'ContractViolated',
      what: `${party} on ${wire}: ${what}`,
      party,
    })),
  )
}

/** The lowest of the wires that the scenario used; of all the rig's, when it is not known which those were. */
function scenarioFidelity(evidence: ScenarioEvidence | undefined, run: RunRecord | undefined): Fidelity {
  const wires = run?.wires ?? []
  const used = new Set([
    ...(evidence?.contracts ?? []).filter(({ checked }) => checked > 0).map(({ wire }) => wire),
    ...(evidence?.timeline ?? []).flatMap(({ wire }) => (wire === undefined ? [] : [wire])),
  ])
  const known = wires.filter(({ wire }) => used.has(wire))
  const chosen = known.length > 0 && known.length === used.size ? known : wires
  return lowestFidelity(
    chosen.length > 0 ? chosen.map(({ fidelity }) => fidelity) : run ? [run.fidelity] : [],
  )
}
