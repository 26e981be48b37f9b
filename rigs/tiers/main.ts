/**
 * `node dist/rigs/tiers/main.js [--only WORD] [--started EPOCH_SECONDS]`: the tiers of continuous integration, with their
 * output, their minutes, and a table of these in CONTRIBUTING. Exit 1 when a tier failed. `--started`: when the job
 * began, so that the whole holds what went before.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../../reference/package-root.js'
import { CI_PHASES, onlyTiers } from './ci-phases.js'
import { runPhases } from './run-phases.js'
import { runTier } from './run-tier.js'
import type { Tier, TierResult } from './tier.js'
import { overBudget, tierTable, withTable } from './tier-table.js'

const HEARTBEAT_MS = 60_000

const { values } = parseArgs({ options: { only: { type: 'string' }, started: { type: 'string' } } })
const startedAt = values.started === undefined ? Date.now() : Number(values.started) * 1_000
const phases = values.only === undefined ? CI_PHASES : onlyTiers(CI_PHASES, values.only)
const say = (line: string) => process.stdout.write(`${line}\n`)
const seconds = () => (Date.now() - startedAt) / 1_000
const logs = join(packageRoot, 'evidence', 'ci')
mkdirSync(logs, { recursive: true })
const logOf = ({ name }: Tier) =>
  join(logs, `${name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '')}.log`)

const running = new Map<Tier, number>()
const heartbeat = setInterval(() => {
  const names = [...running].map(
    ([{ name }, since]) => `${name} since ${((Date.now() - since) / 60_000).toFixed(0)} min`,
  )
  say(`.. ${(seconds() / 60).toFixed(0)} min: ${names.join(', ')}`)
}, HEARTBEAT_MS)
const results = await runPhases(phases, (tier) => runTier(tier, packageRoot, logOf(tier)), {
  started: (tier) => {
    running.set(tier, Date.now())
    say(`== ${tier.name}: begins`)
  },
  ended: (result) => {
    running.delete(result.tier)
    say(`\n== ${result.tier.name}: its output\n${readFileSync(logOf(result.tier), 'utf8')}`)
    say(`== ${result.tier.name}: ${outcome(result)}\n`)
  },
})
clearInterval(heartbeat)

const table = tierTable(results, seconds())
say(`\n${table}\n`)
for (const { tier, wallSeconds } of overBudget(results)) {
  say(`over its budget: ${tier.name}, ${(wallSeconds / 60).toFixed(1)} of ${tier.budgetMinutes} min`)
}
const failed = results.filter(({ exitCode }) => exitCode !== 0)
for (const { tier, exitCode } of failed) say(`failed: ${tier.name}, exit ${exitCode}`)
if (failed.length === 0 && values.only === undefined) {
  const contributing = join(packageRoot, 'CONTRIBUTING.md')
  writeFileSync(contributing, withTable(readFileSync(contributing, 'utf8'), table))
}
process.exitCode = failed.length > 0 ? 1 : 0

function outcome({ exitCode, wallSeconds, processorSeconds }: TierResult): string {
  const verdict = exitCode === 0 ? 'passed' : `exit ${exitCode}`
  return `${verdict} in ${wallSeconds.toFixed(0)} s, ${processorSeconds.toFixed(0)} s of processor`
}
