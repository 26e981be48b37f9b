import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadConfiguration, loadSources, runCucumber, type IRunConfiguration } from '@cucumber/cucumber/api'
import { packageRoot } from '../../reference/package-root.js'
import { cucumberOptions, evidenceFolderFor } from '../bench/cucumber-options.js'
import { requireMachine } from '../bench/machine.js'
import { loadProfile } from '../bench/profile.js'
import { RigUnavailable } from '../bench/rig-errors.js'
import { redactCucumberFiles } from '../evidence/redact-files.js'
import { createRedactor, REDACTION_KEY_VARIABLE, runRedactionKey } from '../evidence/redaction.js'
import { EvidenceLeaks, filesWithCodes } from '../evidence/leak-check.js'
import { readEvaluatedRun } from '../evidence/evaluated-run.js'
import { addJunitProperties } from '../evidence/junit-properties.js'
import { writeReport } from '../evidence/report/write-report.js'
import { formatSummary } from '../evidence/summary.js'
import { SerialPortUnavailable } from '../serial/serial-port-errors.js'
import { UsageError } from './failure-exit.js'

export interface RunFlags {
  /** A profile's name, a YAML file, or `auto`. */
  readonly rig: string
  readonly tags?: string
  readonly evidence?: string
  readonly json?: true
}

/**
 * Runs features on a rig, writes the report and tells the verdict.
 * @returns the exit code
 * @throws UnknownProfile, InvalidSettings, UsageError, RigUnavailable
 */
export async function run(paths: readonly string[], flags: RunFlags): Promise<number> {
  const { rig, passedOver } = flags.rig === 'auto' ? await chooseRig() : { rig: flags.rig }
  await requireMachine(loadProfile(rig))
  const evidenceFolder = resolve(flags.evidence ?? evidenceFolderFor('evidence', rig, new Date()))
  const options = cucumberOptions({
    rig,
    evidenceFolder,
    judged: true,
    ...(passedOver && { passedOver }),
    paths: paths.map(existingPath),
    ...(flags.tags && { tags: flags.tags }),
  })
  const environment = { cwd: packageRoot, stdout: flags.json ? process.stderr : process.stdout }
  const { runConfiguration } = await loadConfiguration({ file: false, provided: options }, environment)
  await requireScenarios(runConfiguration, flags)
  const key = runRedactionKey()
  process.env[REDACTION_KEY_VARIABLE] = Buffer.from(key).toString('base64')
  await runCucumber(runConfiguration, environment).catch((error: unknown) => {
    // Cucumber wraps what a hook of the run threw; the rig's own words are the ones that help.
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error
  })
  await redactCucumberFiles(evidenceFolder, createRedactor(key))
  const leaks = filesWithCodes(evidenceFolder)
  if (leaks.length > 0) throw new EvidenceLeaks(leaks)
  const report = await writeReport(evidenceFolder)
  const evaluated = readEvaluatedRun(evidenceFolder)
  addJunitProperties(evidenceFolder, evaluated.evidence.run)
  if (flags.json) {
    console.log(
      JSON.stringify({ verdict: evaluated.verdict, coverage: evaluated.coverage, evidenceFolder, report }),
    )
  } else {
    console.log(`\nReport: ${report}\n\n${formatSummary(evaluated)}`.trimEnd())
  }
  return evaluated.verdict.exitCode
}

/** @throws UsageError; a line number may follow the path */
function existingPath(path: string): string {
  const file = resolve(path)
  if (!existsSync(file.replace(/(:\d+)+$/, ''))) throw new UsageError(`there is no ${path}`)
  return file
}

/** Before anything is switched on: do the features parse, and does anything match? @throws UsageError */
async function requireScenarios({ sources }: IRunConfiguration, { tags }: RunFlags): Promise<void> {
  const { plan, errors } = await loadSources(sources, { cwd: packageRoot }).catch((cause: unknown) => {
    throw new UsageError('the features cannot be selected', { cause })
  })
  const [error] = errors
  if (error) throw new UsageError(`${error.uri}: ${error.message}`)
  if (plan.length === 0) {
    throw new UsageError(
      `no scenario matches${tags ? ` --tags ${JSON.stringify(tags)}` : ''}: nothing would be shown`,
    )
  }
}

/** The best of our own rigs that this machine can carry; what was passed over, and why, is said and recorded. */
async function chooseRig(): Promise<{ readonly rig: string; readonly passedOver: string }> {
  const passedOver: string[] = []
  for (const rig of ['emulated', 'vcan', 'virtual']) {
    try {
      await requireMachine(loadProfile(rig))
      console.error(`lockstep: --rig auto takes ${rig}`)
      return { rig, passedOver: passedOver.join('; ') }
    } catch (error) {
      if (!(error instanceof RigUnavailable || error instanceof SerialPortUnavailable)) throw error
      const reason = `${rig}: ${error.message.split('\n')[0]}`
      console.error(`lockstep: --rig auto passes over ${reason}`)
      passedOver.push(reason)
    }
  }
  throw new RigUnavailable('no rig of Lockstep runs on this machine', `see ${join('rigs', 'profiles')}`)
}
