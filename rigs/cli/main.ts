#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { packageRoot } from '../../reference/package-root.js'
import { addCanCommands } from './can-commands.js'
import { addFleetCommand } from './fleet-flags.js'
import { letProgressPass, watchOutput } from './output-faults.js'
import { addLockCommands } from './lock-commands.js'
import { EXIT } from './exit-code.js'
import { failureExit } from './failure-exit.js'
import type { InventoryFlags } from './inventory-command.js'
import { PARTY_NAMES } from '../bench/parties/serve-schemas.js'
import type { RunFlags } from './run-command.js'
import type { ScanFlags } from './scan-command.js'
import type { ServeFlags } from './serve-command.js'
import { weChatOptions } from './wechat-flags.js'

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }

const LEFT_OPEN_MS = 10_000

const rigOption = () =>
  new Option('--rig <rig>', "a profile's name or a YAML file").env('LOCKSTEP_RIG').default('virtual')

const program = new Command('lockstep')
  .description(
    'Hardware-in-the-loop acceptance tests for parking spaces that a WeChat service account unlocks',
  )
  .version(version)
  .addHelpText(
    'after',
    `
Exit codes: 0 passed · 1 the product failed · 2 usage · 3 the rig or infrastructure failed ·
            4 the safe state could not be confirmed (4 over 3 over 2 over 1)`,
  )

// Each command's module is loaded when it is asked for: starting one party does not load Cucumber.
program
  .command('run')
  .description(
    'run the acceptance suite on a rig, judge it, and write the report; --rig auto takes the best there is',
  )
  .argument('[paths...]', 'feature files, folders, or file:line; all features when there are none')
  .addOption(rigOption())
  .option('--tags <expression>', 'only scenarios with these tags, e.g. "@REQ-17 and not @REQ-19"')
  .option('--evidence <folder>', 'where the evidence goes (default: evidence/<time>-<rig>)')
  .option('--json', 'one JSON document on stdout instead of the summary; progress goes to stderr')
  .action(async (paths: string[], flags: RunFlags) => {
    letProgressPass()
    const { run } = await import('./run-command.js')
    process.exitCode = await run(paths, flags)
  })

const serveCommand = program
  .command('serve')
  .description(
    'start all parties on a rig, or one party alone; prints one JSON line with every URL when ready',
  )
  .argument(
    '[party]',
    `one of ${PARTY_NAMES.join(', ')}; all of them, with the rig's lock, when it is left out`,
  )
  .addOption(rigOption())
  .option('--config <file>', 'for one party: its settings, YAML (docs/serve.md)')
  .option('--log <file>', 'for one party: all that it logs; else refusals and failures go to standard error')
for (const option of weChatOptions()) serveCommand.addOption(option)
serveCommand
  .addHelpText(
    'after',
    '\nRuns until SIGINT or SIGTERM, or until its standard input ends when that is a pipe.',
  )
  .action(async (party: string | undefined, flags: ServeFlags) => {
    const { serve } = await import('./serve-command.js')
    await serve(party, flags)
  })

program
  .command('report')
  .description('write the report of an evidence folder anew; a pure function of the folder')
  .argument('<folder>', 'the evidence of a run')
  .option('--json', 'one JSON document on stdout')
  .action(async (folder: string, flags: { json?: true }) => {
    const { report } = await import('./report-command.js')
    process.exitCode = await report(folder, flags)
  })

program
  .command('bench')
  .description('measure a part of Lockstep beside its peers, in the same run')
  .argument('<name>', 'what to measure: can, lock, platform, scan or wechat')
  .option('--json', 'one JSON document on stdout; progress goes to stderr')
  .option('--picture <file>', 'of platform: the curve of its fleets, SVG')
  .action(async (name: string, flags: { json?: true; picture?: string }) => {
    const { bench } = await import('./bench-command.js')
    process.exitCode = await bench(name, flags)
  })

program
  .command('inventory')
  .description("read a city's bays from CSV or GeoJSON, tell the rows that are wrong, hand the good ones on")
  .argument('<file>', 'CSV with a line of column names, or a GeoJSON FeatureCollection')
  .addOption(
    new Option('--datum <datum>', 'what the coordinates are in; no file says it itself')
      .choices(['WGS-84', 'GCJ-02'])
      .makeOptionMandatory(),
  )
  .option(
    '--column <field=column>',
    "the file's name of a field, e.g. bayId=编号; again for each",
    (pair: string, before: readonly string[]) => [...before, pair],
    [] as readonly string[],
  )
  .addOption(new Option('--format <format>', "by the file's name when left out").choices(['csv', 'geojson']))
  .option('--encoding <label>', 'of CSV, such as gbk (default: utf-8)')
  .option('--delimiter <character>', 'of CSV (default: a comma)')
  .option('--price <fen>', 'an hour, for rows that name none')
  .option('--out <file>', 'write the bays as `inventory` of a platform, for serve platform --config')
  .option('--platform <url>', 'hand the bays to a platform that runs, POST /v1/operator/inventory')
  .option('--token <token>', "the operator's (default: LOCKSTEP_OPERATOR_TOKEN)")
  .option('--strict', 'exit 2 when a row is wrong')
  .option('--json', 'one JSON document on stdout')
  .action(async (file: string, flags: InventoryFlags) => {
    const { inventory } = await import('./inventory-command.js')
    process.exitCode = await inventory(file, flags)
  })

addFleetCommand(program, rigOption)

program
  .command('scan')
  .description('look through a camera: what is read, and how the camera is')
  .option(
    '--camera <url>',
    'v4l2:/dev/video0?size=&fps=&format=, http(s)://…, file:…?fps=&loop=, rendered:?text=…',
  )
  .option('--decoder <name>', 'pipeline, pipeline+rescue, zxing, jsqr, wechat or zxing+jsqr', 'pipeline')
  .option('--json', 'one JSON document a line: decodes, changes of health, the end')
  .option('--view <file>', 'write the last frame that was read, annotated, as PNG')
  .option('--for <seconds>', 'end after so long; a file ends by itself')
  .option('--calibration <file>', 'judge the camera by its own calibration')
  .option('--calibrate <file>', 'look at the target card and write the calibration')
  .option('--target-card <file>', 'write the target card as SVG, to be shown or printed')
  .action(async (flags: ScanFlags) => {
    const { scan } = await import('./scan-command.js')
    process.exitCode = await scan(flags)
  })

const can = addCanCommands(program)
const lock = addLockCommands(program, rigOption)

for (const command of [program, ...program.commands, ...can.commands, ...lock.commands])
  command.exitOverride()

watchOutput()

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.passed : EXIT.usage
  else process.exitCode = failureExit(error)
}

// Nothing should be open any more. If something is, after a fault, a hung job helps nobody.
setTimeout(() => {
  console.error('lockstep: something was left open; ending all the same')
  process.exit()
}, LEFT_OPEN_MS).unref()
