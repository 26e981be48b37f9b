import {
  loadConfiguration,
  loadSources,
  loadSupport,
  runCucumber,
  type IRunConfiguration,
  type ISupportCodeLibrary,
} from '@cucumber/cucumber/api'
import { packageRoot } from '../../reference/package-root.js'
import { cucumberOptions } from '../bench/cucumber-options.js'
import { TestRunCollector, type ScenarioRecord } from '../evidence/test-run.js'
import { UsageError } from './failure-exit.js'

/** Scenarios that need parties of their own: they move business time, cut WeChat, or count every message of a wire. */
const ALONE = '@alone'

/** What became of one scenario, over all rounds. */
export interface ScenarioCount {
  readonly scenario: string
  readonly passed: number
  readonly failed: number
  /** Of the first failure. */
  readonly error?: string
}

export interface RoundsRequest {
  readonly rig: string
  readonly evidenceFolder: string
  readonly paths: readonly string[]
  readonly tags?: string | undefined
}

/** Runs the same scenarios again and again in one process, on a bench that is lent to them. */
export class ScenarioRounds {
  readonly #counts = new Map<string, { passed: number; failed: number; error?: string }>()
  #rounds = 0

  private constructor(
    private readonly configuration: IRunConfiguration,
    private readonly support: ISupportCodeLibrary,
    /** Which scenarios are left out, and why. */
    readonly selection: string,
  ) {}

  /** @throws UsageError when nothing matches, or a feature cannot be read */
  static async load({ rig, evidenceFolder, paths, tags }: RoundsRequest): Promise<ScenarioRounds> {
    const selection = tags ? `(${tags}) and not ${ALONE}` : `not ${ALONE}`
    const environment = { cwd: packageRoot, stdout: process.stderr }
    const { runConfiguration } = await loadConfiguration(
      {
        file: false,
        provided: { ...cucumberOptions({ rig, evidenceFolder, paths, tags: selection }), format: [] },
      },
      environment,
    )
    const { plan, errors } = await loadSources(runConfiguration.sources, environment)
    const [error] = errors
    if (error) throw new UsageError(`${error.uri}: ${error.message}`)
    if (plan.length === 0) {
      throw new UsageError(`no scenario matches --tags ${JSON.stringify(selection)}: nothing would be shown`)
    }
    return new ScenarioRounds(runConfiguration, await loadSupport(runConfiguration, environment), selection)
  }

  get rounds(): number {
    return this.#rounds
  }

  get counts(): readonly ScenarioCount[] {
    return [...this.#counts].map(([scenario, count]) => ({ scenario, ...count }))
  }

  get failed(): number {
    return this.counts.reduce((sum, { failed }) => sum + failed, 0)
  }

  /** @param onEnd is told of each scenario */
  async run(onEnd: (scenario: ScenarioRecord, passed: boolean) => void): Promise<void> {
    const collector = new TestRunCollector()
    // Its own formatter writes to standard output, which belongs to the result.
    const formats = { stdout: QUIET, files: {}, publish: false as const, options: {} }
    await runCucumber(
      { ...this.configuration, formats, support: this.support },
      { cwd: packageRoot, stdout: process.stderr },
      (envelope) => {
        const event = collector.add(envelope)
        if (event?.type !== 'scenario-finished') return
        const passed = event.scenario.steps.every(({ status }) => status === 'PASSED')
        this.#count(event.scenario, passed)
        onEnd(event.scenario, passed)
      },
    )
    const [fault] = collector.faults
    if (fault) throw new Error(`${fault.where}: ${fault.error.message}`)
    this.#rounds++
  }

  #count({ name, feature, steps }: ScenarioRecord, passed: boolean): void {
    const key = `${feature}: ${name}`
    const before = this.#counts.get(key) ?? { passed: 0, failed: 0 }
    const error = before.error ?? steps.find((step) => step.error)?.error?.message.split('\n')[0]
    this.#counts.set(key, {
      passed: before.passed + (passed ? 1 : 0),
      failed: before.failed + (passed ? 0 : 1),
      ...(error !== undefined && { error }),
    })
  }
}

const QUIET = new URL('./quiet-formatter.js', import.meta.url).href
