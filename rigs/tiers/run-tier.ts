import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Tier, TierResult } from './tier.js'

/** What bash's `times` prints of its children, last: `1m2.345s 0m6.789s`. */
const CHILDREN_TIMES = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/

/**
 * Runs a tier by bash, its output into a file.
 * @param log gets standard output and error, in the order in which they came
 */
export async function runTier(tier: Tier, folder: string, log: string): Promise<TierResult> {
  const output = createWriteStream(log)
  const startedAt = performance.now()
  // The parentheses keep an `exit` or a failure of the command from ending the shell before it has reported.
  const shell = spawn('bash', ['-c', `( ${tier.command}\n); code=$?; times >&3; exit $code`], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  shell.stdout?.pipe(output, { end: false })
  shell.stderr?.pipe(output, { end: false })
  let times = ''
  ;(shell.stdio[3] as Readable).on('data', (text: Buffer) => (times += text.toString()))
  const [code] = (await once(shell, 'close')) as [number | null]
  const wallSeconds = (performance.now() - startedAt) / 1_000
  output.end()
  await finished(output)
  return { tier, exitCode: code ?? 1, wallSeconds, processorSeconds: processorSeconds(times) }
}

/** @param times what bash's `times` printed; NaN when it was not reached */
export function processorSeconds(times: string): number {
  const [, userMinutes, user, systemMinutes, system] = CHILDREN_TIMES.exec(times) ?? []
  return 60 * (Number(userMinutes) + Number(systemMinutes)) + Number(user) + Number(system)
}
