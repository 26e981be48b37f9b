import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { readEvaluatedRun } from '../evidence/evaluated-run.js'
import { writeReport } from '../evidence/report/write-report.js'
import { UsageError } from './failure-exit.js'

export function reportCommand(): Command {
  return new Command('report')
    .description('write the report of an evidence folder anew; a pure function of the folder')
    .argument('<folder>', 'the evidence of a run')
    .option('--json', 'one JSON document on stdout')
    .action(async (given: string, { json }: { json?: true }) => {
      const folder = resolve(given)
      if (!existsSync(join(folder, 'messages.ndjson'))) {
        throw new UsageError(`${given} holds no evidence of a run: there is no messages.ndjson in it`)
      }
      const report = await writeReport(folder)
      const { verdict, coverage } = readEvaluatedRun(folder)
      console.log(json ? JSON.stringify({ verdict, coverage, report }) : report)
      process.exitCode = verdict.exitCode
    })
}
