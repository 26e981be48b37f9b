import type { FaultClass } from '../../reference/ports/faults.js'
import { FAULT_MEDIA_TYPE } from './fault-message.js'

export interface SampleError {
  readonly type: string
  readonly message: string
  /** Attached as the support code does it. */
  readonly faultClass?: FaultClass
}

/** One step of a sample scenario; a status left out means that the run was killed before it. */
export interface SampleStep {
  readonly text: string
  readonly keyword?: string
  readonly status?: string
  readonly error?: SampleError
  readonly hook?: boolean
}

export interface SampleScenario {
  readonly name: string
  readonly tags?: readonly string[]
  readonly steps: readonly SampleStep[]
  /** Default 1; each but the last fails. */
  readonly attempts?: number
  /** False: started, never finished. */
  readonly finished?: boolean
  /** False: never started. */
  readonly started?: boolean
}

export interface SampleRun {
  readonly scenarios: readonly SampleScenario[]
  readonly runHook?: { readonly type: string; readonly message: string }
  readonly finished?: boolean
}

const time = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1e6 })

/** Id of a sample scenario's last attempt: the name of its folder. */
export const startedId = (index: number, attempts = 1) => `started-${index}-${attempts - 1}`

/** Envelopes as cucumber-js 12.9 writes them, for tests. */
export function sampleMessages({ scenarios, runHook, finished = true }: SampleRun): object[] {
  const envelopes: object[] = [{ meta: { protocolVersion: '32.2.0' } }]
  const steps = (scenario: SampleScenario) => scenario.steps.map((step, j) => ({ step, j }))
  envelopes.push({
    gherkinDocument: {
      uri: 'features/unlocking/code.feature',
      feature: {
        name: 'Unlocking a reserved bay',
        children: [
          {
            rule: {
              name: 'Only the code that was sent opens the lock',
              children: scenarios.map((scenario, i) => ({
                scenario: {
                  id: `ast-${i}`,
                  steps: steps(scenario).map(({ step, j }) => ({
                    id: `ast-${i}-${j}`,
                    keyword: `${step.keyword ?? 'Given'} `,
                  })),
                },
              })),
            },
          },
        ],
      },
    },
  })
  scenarios.forEach((scenario, i) => {
    envelopes.push({
      pickle: {
        id: `pickle-${i}`,
        uri: 'features/unlocking/code.feature',
        name: scenario.name,
        location: { line: 10 + i * 8 },
        astNodeIds: [`ast-${i}`],
        tags: (scenario.tags ?? []).map((name) => ({ name })),
        steps: steps(scenario)
          .filter(({ step }) => !step.hook)
          .map(({ step, j }) => ({ id: `pickle-${i}-${j}`, text: step.text, astNodeIds: [`ast-${i}-${j}`] })),
      },
    })
    for (const { step, j } of steps(scenario)) {
      if (step.hook)
        envelopes.push({ hook: { id: `hook-${i}-${j}`, type: 'BEFORE_TEST_CASE', name: step.text } })
    }
  })
  envelopes.push(
    { hook: { id: 'run-hook', type: 'BEFORE_TEST_RUN', name: 'boot' } },
    { testRunStarted: { id: 'run', timestamp: time(0) } },
  )
  scenarios.forEach((scenario, i) =>
    envelopes.push({
      testCase: {
        id: `case-${i}`,
        pickleId: `pickle-${i}`,
        testSteps: steps(scenario).map(({ step, j }) => ({
          id: `test-${i}-${j}`,
          ...(step.hook ? { hookId: `hook-${i}-${j}` } : { pickleStepId: `pickle-${i}-${j}` }),
        })),
      },
    }),
  )
  if (runHook) {
    envelopes.push(
      { testRunHookStarted: { id: 'hook-run', hookId: 'run-hook' } },
      {
        testRunHookFinished: {
          testRunHookStartedId: 'hook-run',
          result: { status: 'FAILED', exception: runHook },
        },
      },
    )
  }
  scenarios.forEach((scenario, i) => envelopes.push(...playScenario(scenario, i)))
  if (finished) envelopes.push({ testRunFinished: { success: !runHook, timestamp: time(60_000) } })
  return envelopes
}

function playScenario(scenario: SampleScenario, i: number): object[] {
  if (scenario.started === false) return []
  const attempts = scenario.attempts ?? 1
  return Array.from({ length: attempts }, (_, attempt) => {
    const id = startedId(i, attempt + 1)
    const last = attempt === attempts - 1
    const startMs = i * 4000 + attempt * 1500
    const envelopes: object[] = [
      { testCaseStarted: { id, testCaseId: `case-${i}`, attempt, timestamp: time(startMs) } },
    ]
    scenario.steps.forEach((step, j) => {
      const ids = { testCaseStartedId: id, testStepId: `test-${i}-${j}` }
      if (step.status === undefined) return
      const status = last ? step.status : 'FAILED'
      const error = last ? step.error : { type: 'Error', message: 'the first time only' }
      envelopes.push({ testStepStarted: ids })
      if (error && 'faultClass' in error) {
        const body = JSON.stringify({ name: error.type, ...error })
        envelopes.push({ attachment: { ...ids, body, mediaType: FAULT_MEDIA_TYPE } })
      }
      envelopes.push({
        testStepFinished: {
          ...ids,
          testStepResult: {
            status,
            duration: time(40 + j * 130),
            ...(error
              ? {
                  message: `${error.type}: ${error.message}`,
                  exception: {
                    ...error,
                    stackTrace: `${error.type}: ${error.message}\n    at World.<anonymous> (step-definitions/bolt.ts:12:9)`,
                  },
                }
              : {}),
          },
        },
      })
    })
    if (scenario.finished !== false) {
      envelopes.push({
        testCaseFinished: { testCaseStartedId: id, willBeRetried: !last, timestamp: time(startMs + 1234) },
      })
    }
    return envelopes
  }).flat()
}
