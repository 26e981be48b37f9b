import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LOCKSTEP = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
/** As many scenarios may be skipped by name, for a capability that an external party lacks. */
const MOST_SKIPPED = 3

export interface ServedProcess {
  readonly party: string
  hasEnded(): boolean
  close(): Promise<void>
}

/** Starts `lockstep serve PARTY --config PARTY.yaml` in the folder, as the page says; not waited for. */
export function startServed(party: string, folder: string): ServedProcess {
  const log = openSync(join(folder, `${party}.out`), 'a')
  const child = spawn(process.execPath, [LOCKSTEP, 'serve', party, '--config', `${party}.yaml`], {
    cwd: folder,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const ended = once(child, 'exit')
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  return {
    party,
    hasEnded,
    close: async () => {
      if (hasEnded()) return
      child.kill('SIGTERM')
      await ended
    },
  }
}

export interface Round {
  readonly passed: number
  /** Names, with the reasons. */
  readonly skipped: readonly string[]
  readonly seconds: number
  /** Why the round does not count as passed. */
  readonly problems: readonly string[]
}

interface RunAnswer {
  readonly verdict: {
    readonly exitCode: number
    readonly reasons: readonly { readonly what: string }[]
    readonly scenarios: readonly {
      readonly outcome: string
      readonly scenario: { readonly name: string; readonly notShown?: string; readonly attempts: number }
      readonly reasons: readonly { readonly what: string }[]
    }[]
  }
}

/** One run of the whole suite. */
export async function playRound(profile: string, evidence: string): Promise<Round> {
  const started = performance.now()
  const child = spawn(
    process.execPath,
    [LOCKSTEP, 'run', '--rig', profile, '--evidence', evidence, '--json'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = once(child, 'exit') as Promise<[number | null]>
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  const [code] = await ended
  const seconds = Math.round((performance.now() - started) / 1_000)
  const answer = readAnswer(text)
  if (!answer)
    return { passed: 0, skipped: [], seconds, problems: [`the run ended with ${code}, without a verdict`] }
  return judgeRound(answer, code, seconds)
}

function readAnswer(text: string): RunAnswer | undefined {
  try {
    return JSON.parse(text) as RunAnswer
  } catch {
    return undefined
  }
}

/** What a run's verdict says of external parties. */
export function judgeRound({ verdict }: RunAnswer, code: number | null, seconds: number): Round {
  const { scenarios, reasons } = verdict
  const problems = reasons.map(({ what }) => what)
  if (code !== 0) problems.push(`the run ended with ${code}`)
  const skipped: string[] = []
  for (const { outcome, scenario, reasons } of scenarios) {
    const { name, notShown, attempts } = scenario
    if (outcome === 'skipped' && notShown) skipped.push(`${name}: ${notShown}`)
    else if (outcome !== 'passed')
      problems.push(`${outcome}: ${name}: ${reasons.map(({ what }) => what).join('; ')}`)
    if (attempts > 1) problems.push(`retried: ${name}`)
  }
  if (skipped.length > MOST_SKIPPED)
    problems.push(`${skipped.length} scenarios were skipped, more than ${MOST_SKIPPED}`)
  return {
    passed: scenarios.filter(({ outcome }) => outcome === 'passed').length,
    skipped,
    seconds,
    problems,
  }
}
