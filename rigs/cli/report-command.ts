import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readEvaluatedRun } from '../evidence/evaluated-run.js'
import { requirePlainFiles } from '../evidence/plain-files.js'
import { writeReport } from '../evidence/report/write-report.js'
import { UsageError } from './failure-exit.js'

/**
 * Writes the report of an evidence folder anew.
 * @returns the exit code of the run that the folder shows
 * @throws UsageError, NotPlainEvidence
 */
export async function report(given: string, { json }: { readonly json?: true }): Promise<number> {
  const folder = resolve(given)
  if (!existsSync(join(folder, 'messages.ndjson'))) {
    throw new UsageError(`${given} holds no evidence of a run: there is no messages.ndjson in it`)
  }
  requirePlainFiles(folder)
  const written = await writeReport(folder)
  const { verdict, coverage } = readEvaluatedRun(folder)
  console.log(json ? JSON.stringify({ verdict, coverage, report: written }) : written)
  return verdict.exitCode
}
