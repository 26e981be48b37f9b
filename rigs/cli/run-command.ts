import { join, resolve } from 'node:path'
import { loadConfiguration, runCucumber } from '@cucumber/cucumber/api'
import { packageRoot } from '../../reference/package-root.js'
import { cucumberOptions, evidenceFolderFor } from '../bench/cucumber-options.js'
import { requireMachine } from '../bench/machine.js'
import { loadProfile } from '../bench/profile.js'
import { RigUnavailable } from '../bench/rig-errors.js'
import { redactCucumberFiles } from '../evidence/redact-files.js'
import { createRedactor, REDACTION_KEY_VARIABLE, runRedactionKey } from '../evidence/redaction.js'
import { readEvaluatedRun } from '../evidence/evaluated-run.js'
import { writeReport } from '../evidence/report/write-report.js'
import { formatSummary } from '../evidence/summary.js'

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
 * @throws UnknownProfile, InvalidSettings, RigUnavailable
 */
export async function run(paths: readonly string[], flags: RunFlags): Promise<number> {
  const { rig, passedOver } = flags.rig === 'auto' ? chooseRig() : { rig: flags.rig }
  requireMachine(loadProfile(rig))
  const evidenceFolder = resolve(flags.evidence ?? evidenceFolderFor('evidence', rig, new Date()))
  const { runConfiguration } = await loadConfiguration(
    {
      file: false,
      provided: cucumberOptions({
        rig,
        evidenceFolder,
        ...(passedOver && { passedOver }),
        paths: paths.map((path) => resolve(path)),
        ...(flags.tags && { tags: flags.tags }),
      }),
    },
    { cwd: packageRoot },
  )
  const key = runRedactionKey()
  process.env[REDACTION_KEY_VARIABLE] = Buffer.from(key).toString('base64')
  await runCucumber(runConfiguration, {
    cwd: packageRoot,
    stdout: flags.json ? process.stderr : process.stdout,
  })
  await redactCucumberFiles(evidenceFolder, createRedactor(key))
  const report = await writeReport(evidenceFolder)
  const evaluated = readEvaluatedRun(evidenceFolder)
  if (flags.json) {
    console.log(
      JSON.stringify({ verdict: evaluated.verdict, coverage: evaluated.coverage, evidenceFolder, report }),
    )
  } else {
    console.log(`\nReport: ${report}\n\n${formatSummary(evaluated)}`.trimEnd())
  }
  return evaluated.verdict.exitCode
}

/** The best of our own rigs that this machine can carry; what was passed over, and why, is said and recorded. */
function chooseRig(): { readonly rig: string; readonly passedOver: string } {
  const passedOver: string[] = []
  for (const rig of ['emulated', 'vcan', 'virtual']) {
    try {
      requireMachine(loadProfile(rig))
      console.error(`lockstep: --rig auto takes ${rig}`)
      return { rig, passedOver: passedOver.join('; ') }
    } catch (error) {
      if (!(error instanceof RigUnavailable)) throw error
      const reason = `${rig}: ${error.message.split('\n')[0]}`
      console.error(`lockstep: --rig auto passes over ${reason}`)
      passedOver.push(reason)
    }
  }
  throw new RigUnavailable('no rig of Lockstep runs on this machine', `see ${join('rigs', 'profiles')}`)
}
