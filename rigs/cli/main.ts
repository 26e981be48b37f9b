#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { packageRoot } from '../../reference/package-root.js'
import { EXIT } from './exit-code.js'
import { failureExit } from './failure-exit.js'
import { reportCommand } from './report-command.js'
import { runCommand } from './run-command.js'
import { serveCommand } from './serve-command.js'

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }

const program = new Command('lockstep')
  .description(
    'Hardware-in-the-loop acceptance tests for parking spaces that a WeChat service account unlocks',
  )
  .version(version)
  .addHelpText(
    'after',
    `
Exit codes: 0 passed · 1 the product failed · 2 usage · 3 the rig or infrastructure failed ·
            4 the safe state could not be confirmed (4 over 3 over 1)`,
  )
  .addCommand(runCommand())
  .addCommand(serveCommand())
  .addCommand(reportCommand())

for (const command of [program, ...program.commands]) command.exitOverride()

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.passed : EXIT.usage
  else process.exitCode = failureExit(error)
}
