import { NOT_SHOWN_MEDIA_TYPE } from './not-shown.js'
import type { FaultRecord } from '../../reference/ports/fault-record.js'
import { asFaultRecord, FAULT_MEDIA_TYPE } from './fault-message.js'
import { stepError, UNNAMED, withFaults, type StepError } from './step-error.js'
import { isRecord, tolerantJson, type JsonRecord } from './tolerant-json.js'

export type StepStatus = 'PASSED' | 'FAILED' | 'SKIPPED' | 'UNDEFINED' | 'AMBIGUOUS' | 'PENDING' | 'UNKNOWN'

/** One step or hook of a scenario. */
export interface StepRecord {
  readonly kind: 'step' | 'hook'
  /** `Given`, `When`…; for a hook `Before` or `After`. */
  readonly keyword: string
  readonly text: string
  /** Absent: not reached. */
  status?: StepStatus
  durationMs?: number
  error?: StepError
}

/** One scenario as Cucumber told it; that of its last attempt if there were several. */
export interface ScenarioRecord {
  readonly testCaseId: string
  /** Id of the last attempt; names the folder of its artefacts. Absent: never started. */
  startedId?: string
  attempts: number
  readonly name: string
  readonly feature: string
  readonly rule?: string
  readonly uri: string
  readonly line?: number
  readonly tags: readonly string[]
  steps: StepRecord[]
  finished: boolean
  /** Why it could not be shown on this rig, and what would make it possible; it was skipped before its first step. */
  notShown?: string
  willBeRetried: boolean
  startedAtMs?: number
  finishedAtMs?: number
}

/** A fault outside any scenario: a hook of the whole run, a feature that cannot be parsed. */
export interface RunFault {
  readonly where: string
  readonly error: StepError
}

export interface TestRun {
  /** In the order in which they were to run. */
  readonly scenarios: readonly ScenarioRecord[]
  readonly faults: readonly RunFault[]
  readonly started: boolean
  readonly finished: boolean
  /** What Cucumber itself says of the run, once it finished. */
  readonly success: boolean | undefined
}

/** What `TestRunCollector.add` says has happened, for those who follow a run live. */
export type RunEvent =
  | { readonly type: 'scenario-started' | 'scenario-finished'; readonly scenario: ScenarioRecord }
  | {
      readonly type: 'step-started' | 'step-finished'
      readonly scenario: ScenarioRecord
      readonly step: StepRecord
    }
  | { readonly type: 'run-finished' }

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const list = (value: unknown): JsonRecord[] => (Array.isArray(value) ? value.filter(isRecord) : [])
const record = (value: unknown): JsonRecord => (isRecord(value) ? value : {})

interface PickleContext {
  feature: string
  rule?: string
}

/**
 * Builds the run out of Cucumber messages (https://github.com/cucumber/messages), one envelope at a time, live or from
 * `messages.ndjson`. Envelopes that it does not know are passed over.
 */
export class TestRunCollector implements TestRun {
  readonly scenarios: ScenarioRecord[] = []
  readonly faults: RunFault[] = []
  started = false
  finished = false
  success: boolean | undefined

  readonly #keywords = new Map<string, string>()
  readonly #contexts = new Map<string, PickleContext>()
  readonly #pickles = new Map<string, JsonRecord>()
  readonly #hooks = new Map<string, JsonRecord>()
  readonly #testCases = new Map<string, { scenario: ScenarioRecord; plan: JsonRecord }>()
  readonly #running = new Map<string, { scenario: ScenarioRecord; steps: Map<string, StepRecord> }>()
  /** What was attached to a step or hook, until it ends. */
  readonly #attached = new Map<string, FaultRecord[]>()
  readonly #runHooks = new Map<string, string>()

  add(envelope: unknown): RunEvent | undefined {
    if (!isRecord(envelope)) return undefined
    const [kind, content] = Object.entries(envelope)[0] ?? []
    const body = record(content)
    switch (kind) {
      case 'gherkinDocument':
        this.#addFeature(record(body['feature']))
        break
      case 'parseError':
        this.#fault(text(record(body['source'])['uri']) || 'a feature', {
          type: 'ParseError',
          message: body['message'],
        })
        break
      case 'undefinedParameterType':
        this.#fault('a step definition', {
          type: 'UndefinedParameterType',
          message: `{${text(body['name'])}} in ${text(body['expression'])} is no parameter type`,
        })
        break
      case 'pickle':
        this.#pickles.set(text(body['id']), body)
        break
      case 'hook':
        this.#hooks.set(text(body['id']), body)
        break
      case 'testRunStarted':
        this.started = true
        break
      case 'testCase':
        this.#addTestCase(body)
        break
      case 'testCaseStarted':
        return this.#startScenario(body)
      case 'testStepStarted':
      case 'testStepFinished':
        return this.#step(body)
      case 'attachment':
        this.#addAttachment(body)
        break
      case 'testCaseFinished':
        return this.#finishScenario(body)
      case 'testRunHookStarted':
        this.#runHooks.set(text(body['id']), text(body['hookId']))
        break
      case 'testRunHookFinished':
        this.#finishRunHook(body)
        break
      case 'testRunFinished':
        this.finished = true
        this.success = body['success'] === true
        if (isRecord(body['exception'])) this.#fault('the run', body['exception'])
        return { type: 'run-finished' }
      default:
        break
    }
    return undefined
  }

  #addFeature(feature: JsonRecord): void {
    const name = text(feature['name'])
    const visit = (children: JsonRecord[], rule?: string) => {
      for (const child of children) {
        if (isRecord(child['rule'])) visit(list(child['rule']['children']), text(child['rule']['name']))
        const block = record(child['scenario'] ?? child['background'])
        for (const step of list(block['steps']))
          this.#keywords.set(text(step['id']), text(step['keyword']).trim())
        this.#contexts.set(text(block['id']), { feature: name, ...(rule === undefined ? {} : { rule }) })
      }
    }
    visit(list(feature['children']))
  }

  #addTestCase(body: JsonRecord): void {
    const pickle = this.#pickles.get(text(body['pickleId'])) ?? {}
    const nodes = Array.isArray(pickle['astNodeIds']) ? pickle['astNodeIds'].map(text) : []
    const line = record(pickle['location'])['line']
    const scenario: ScenarioRecord = {
      testCaseId: text(body['id']),
      attempts: 0,
      name: text(pickle['name']),
      uri: text(pickle['uri']),
      ...(this.#contexts.get(nodes[0] ?? '') ?? { feature: '' }),
      ...(typeof line === 'number' ? { line } : {}),
      tags: list(pickle['tags']).map((tag) => text(tag['name'])),
      steps: [],
      finished: false,
      willBeRetried: false,
    }
    scenario.steps = [...this.#planSteps(body).values()]
    this.scenarios.push(scenario)
    this.#testCases.set(scenario.testCaseId, { scenario, plan: body })
  }

  #planSteps(testCase: JsonRecord): Map<string, StepRecord> {
    const pickleSteps = new Map(
      list(this.#pickles.get(text(testCase['pickleId']))?.['steps']).map((step) => [text(step['id']), step]),
    )
    return new Map(
      list(testCase['testSteps']).map((planned): [string, StepRecord] => {
        const step = pickleSteps.get(text(planned['pickleStepId']))
        const id = text(planned['id'])
        if (!step) {
          const hook = this.#hooks.get(text(planned['hookId'])) ?? {}
          const keyword = text(hook['type']).startsWith('AFTER') ? 'After' : 'Before'
          return [id, { kind: 'hook', keyword, text: text(hook['name']) }]
        }
        const nodes = Array.isArray(step['astNodeIds']) ? step['astNodeIds'].map(text) : []
        return [
          id,
          { kind: 'step', keyword: this.#keywords.get(nodes[0] ?? '') ?? '', text: text(step['text']) },
        ]
      }),
    )
  }

  #startScenario(body: JsonRecord): RunEvent | undefined {
    const known = this.#testCases.get(text(body['testCaseId']))
    if (!known) return undefined
    const { scenario, plan } = known
    const steps = this.#planSteps(plan)
    scenario.startedId = text(body['id'])
    scenario.attempts++
    scenario.steps = [...steps.values()]
    scenario.finished = false
    delete scenario.notShown
    scenario.startedAtMs = milliseconds(body['timestamp'])
    this.#running.set(scenario.startedId, { scenario, steps })
    return { type: 'scenario-started', scenario }
  }

  #step(body: JsonRecord): RunEvent | undefined {
    const running = this.#running.get(text(body['testCaseStartedId']))
    const step = running?.steps.get(text(body['testStepId']))
    if (!running || !step) return undefined
    const { scenario } = running
    const result = body['testStepResult']
    if (!isRecord(result)) return { type: 'step-started', scenario, step }
    step.status = text(result['status']) as StepStatus
    step.durationMs = milliseconds(result['duration'])
    const error = stepError(result)
    if (error) step.error = withFaults(error, this.#attached.get(stepKey(body)) ?? [])
    this.#attached.delete(stepKey(body))
    return { type: 'step-finished', scenario, step }
  }

  #addAttachment(body: JsonRecord): void {
    if (body['mediaType'] === FAULT_MEDIA_TYPE) return this.#addFault(body)
    if (body['mediaType'] !== NOT_SHOWN_MEDIA_TYPE) return
    const running = this.#running.get(text(body['testCaseStartedId']))
    if (running) running.scenario.notShown = text(body['body'])
  }

  #addFault(body: JsonRecord): void {
    const fault = asFaultRecord(tolerantJson(text(body['body'])))
    if (fault) this.#attached.set(stepKey(body), [...(this.#attached.get(stepKey(body)) ?? []), fault])
  }

  /** What a hook of the whole run threw (`run-faults.ndjson`): of one that Cucumber knows it says the class. */
  addRunFault(fault: FaultRecord): void {
    const known = this.faults.findIndex(({ error }) => error.message === fault.message && !error.faultClass)
    const { where, error } = this.faults[known] ?? {
      where: 'hook of the run',
      error: { type: fault.name, message: fault.message },
    }
    this.faults.splice(known < 0 ? this.faults.length : known, 1, {
      where,
      error: withFaults(error, [fault]),
    })
  }

  #finishScenario(body: JsonRecord): RunEvent | undefined {
    const running = this.#running.get(text(body['testCaseStartedId']))
    if (!running) return undefined
    const { scenario } = running
    scenario.finished = true
    scenario.willBeRetried = body['willBeRetried'] === true
    scenario.finishedAtMs = milliseconds(body['timestamp'])
    return { type: 'scenario-finished', scenario }
  }

  #finishRunHook(body: JsonRecord): void {
    const result = record(body['result'])
    if (result['status'] !== 'FAILED') return
    const hook = this.#hooks.get(this.#runHooks.get(text(body['testRunHookStartedId'])) ?? '') ?? {}
    const when = text(hook['type']).startsWith('AFTER') ? 'after the run' : 'before the run'
    this.faults.push({
      where: `hook ${when} ${text(hook['name'])}`.trim(),
      error: stepError(result) ?? UNNAMED,
    })
  }

  #fault(where: string, error: JsonRecord): void {
    this.faults.push({
      where,
      error: { type: text(error['type']) || 'Error', message: text(error['message']) },
    })
  }
}

const stepKey = (body: JsonRecord) => `${text(body['testCaseStartedId'])} ${text(body['testStepId'])}`

/** Cucumber's seconds and nanos, as milliseconds. */
function milliseconds(time: unknown): number {
  const { seconds, nanos } = record(time)
  return Number(seconds ?? 0) * 1000 + Number(nanos ?? 0) / 1e6
}
