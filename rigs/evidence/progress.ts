import { Formatter, Status, type IFormatterOptions } from '@cucumber/cucumber'
import { onPartySpeaks, type PartySpeaks } from './party-speaks.js'
import { columns, fit, manyLines, oneLine } from './terminal-text.js'
import { TestRunCollector, type RunEvent, type ScenarioRecord, type StepRecord } from './test-run.js'

/** A busy step names so many, then stops. */
const MOST_SPEAKERS = 12

const CLEAR_LINE = '\r\u001b[2K'

/**
 * Shows a run while it goes on: which scenario (n of m), which step, and which party speaks. On a terminal one line is
 * rewritten in place; elsewhere each step is a line, and each scenario one with its verdict. Failures follow in full at the end.
 * Cucumber loads it by its path (`--format dist/rigs/evidence/progress.js`).
 */
export default class LockstepProgress extends Formatter {
  static override readonly documentation =
    'Which scenario, which step, and which party speaks; failures in full.'

  readonly #run = new TestRunCollector()
  readonly #unsubscribe: () => void
  readonly #live: boolean
  #finished = 0
  #step = ''
  #speakers: string[] = []

  constructor(options: IFormatterOptions) {
    super(options)
    this.#live = (this.stream as { isTTY?: boolean }).isTTY === true && !process.env['CI']
    this.#unsubscribe = onPartySpeaks((message) => this.#showSpeaker(message))
    options.eventBroadcaster.on('envelope', (envelope: unknown) => this.#show(this.#run.add(envelope)))
  }

  override async finished(): Promise<void> {
    this.#unsubscribe()
    await super.finished()
  }

  #show(event: RunEvent | undefined): void {
    switch (event?.type) {
      case 'scenario-started':
        this.#step = ''
        this.#speakers = []
        if (this.#live) this.#rewrite(oneLine(event.scenario.name))
        else this.log(`${this.#counter} ${oneLine(event.scenario.name)}\n`)
        break
      case 'step-started':
        this.#step = oneLine(`${event.step.keyword} ${event.step.text}`)
        this.#rewrite(`${oneLine(event.scenario.name)} › ${this.#step}`)
        break
      case 'scenario-finished':
        if (!event.scenario.willBeRetried) this.#finished++
        this.#finishLine(event.scenario)
        break
      case 'run-finished':
        if (this.#live) this.log(CLEAR_LINE)
        this.#showFailures()
        break
      case 'step-finished':
        this.#stepLine(event.step)
        this.#speakers = []
        break
      case undefined:
    }
  }

  #showSpeaker({ from, to, wire, summary }: PartySpeaks): void {
    this.#rewrite(`${this.#step}  ·  ${oneLine(`${from} → ${to} (${wire}) ${summary}`)}`)
    if (this.#speakers.at(-1) !== from) this.#speakers.push(from)
  }

  /** Off a terminal: one line a step, with the parties that spoke in it, in order. */
  #stepLine({ keyword, text, status, kind }: StepRecord): void {
    if (this.#live || kind === 'hook') return
    const mark = status === 'PASSED' ? '·' : (status ?? 'unknown').toLowerCase()
    const speakers =
      this.#speakers.length > MOST_SPEAKERS
        ? [...this.#speakers.slice(0, MOST_SPEAKERS), '…']
        : this.#speakers
    const said = speakers.length > 0 ? `  (${oneLine(speakers.join(' → '))})` : ''
    this.log(`    ${mark} ${oneLine(`${keyword} ${text}`)}${said}\n`)
  }

  get #counter(): string {
    const total = String(this.#run.scenarios.length)
    return `[${String(Math.min(this.#finished + 1, this.#run.scenarios.length)).padStart(total.length)}/${total}]`
  }

  #rewrite(text: string): void {
    if (!this.#live) return
    const width = (this.stream as { columns?: number }).columns ?? 80
    const head = `${this.#counter} `
    this.log(CLEAR_LINE + head + fit(text, width - columns(head) - 1))
  }

  #finishLine(scenario: ScenarioRecord): void {
    const total = String(this.#run.scenarios.length)
    const counter = `[${String(this.#finished).padStart(total.length)}/${total}]`
    const verdict = verdictWord(scenario)
    const ms = (scenario.finishedAtMs ?? 0) - (scenario.startedAtMs ?? 0)
    const status = ({ passed: 'PASSED', skipped: 'SKIPPED', failed: 'FAILED' } as const)[verdict]
    const paint = this.colorFns.forStatus(Status[status])
    const why = scenario.notShown === undefined ? '' : `  (${oneLine(scenario.notShown)})`
    const retried = scenario.willBeRetried ? ' (will be retried, and counts as failed)' : ''
    this.log(
      `${this.#live ? CLEAR_LINE : ''}${counter} ${paint(verdict)}  ${oneLine(scenario.name)}  ${(ms / 1000).toFixed(1)} s${why}${retried}\n`,
    )
  }

  #showFailures(): void {
    for (const { where, error } of this.#run.faults) {
      this.log(
        `\n${this.colorFns.errorMessage(`${oneLine(where)}: ${error.type}`)}\n${manyLines(error.message, '  ')}\n`,
      )
    }
    for (const scenario of this.#run.scenarios) {
      if (scenario.startedId === undefined || ['passed', 'skipped'].includes(verdictWord(scenario))) continue
      this.log(
        `\n${oneLine(scenario.name)}  (${scenario.uri}${scenario.line === undefined ? '' : `:${scenario.line}`})\n`,
      )
      for (const step of scenario.steps) {
        const status = step.status ?? 'UNKNOWN'
        this.log(
          `  ${this.colorFns.forStatus(Status[status])(`${status.toLowerCase().padEnd(9)} ${oneLine(`${step.keyword} ${step.text}`)}`)}\n`,
        )
        if (step.error) this.log(`${manyLines(step.error.stackTrace ?? step.error.message, '    ')}\n`)
      }
    }
  }
}

/** What Cucumber alone can say; contracts and the safe state are judged from the evidence afterwards. */
function verdictWord({ steps, finished }: ScenarioRecord): 'passed' | 'failed' | 'skipped' {
  if (!finished || steps.some(({ status }) => status !== 'PASSED' && status !== 'SKIPPED')) return 'failed'
  return steps.some(({ status }) => status === 'SKIPPED') ? 'skipped' : 'passed'
}
