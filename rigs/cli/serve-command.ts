import { fstatSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { Bench } from '../bench/bench.js'
import { evidenceFolderFor } from '../bench/cucumber-options.js'
import { PARTY_NAMES, serveParty, type PartyName } from '../bench/parties/serve-party.js'
import { UsageError } from './failure-exit.js'

interface ServeFlags {
  readonly rig: string
  readonly config?: string
}

export function serveCommand(): Command {
  return new Command('serve')
    .description(
      'start all parties on a rig, or one party alone; prints one JSON line with every URL when ready',
    )
    .argument(
      '[party]',
      `one of ${PARTY_NAMES.join(', ')}; all of them, with the rig's lock, when it is left out`,
    )
    .option(
      '--rig <rig>',
      "for all parties: a profile's name or a YAML file",
      process.env['LOCKSTEP_RIG'] ?? 'virtual',
    )
    .option('--config <file>', 'for one party: its settings, YAML (docs/serve.md)')
    .addHelpText(
      'after',
      '\nRuns until SIGINT or SIGTERM, or until its standard input ends when that is a pipe.',
    )
    .action(async (party: string | undefined, flags: ServeFlags) => {
      if (party === undefined) return serveAll(flags.rig)
      if (!isPartyName(party))
        throw new UsageError(`there is no party ${party}; known: ${PARTY_NAMES.join(', ')}`)
      if (flags.config === undefined)
        throw new UsageError(`serve ${party} needs --config FILE: see docs/serve.md`)
      const serving = await serveParty(party, resolve(flags.config))
      await servingUntilAsked({ party, urls: serving.urls }, () => serving.close())
    })
}

/** A terminal, a file or /dev/null on standard input says nothing about whoever started us. */
function isPipe(descriptor: number): boolean {
  const kind = fstatSync(descriptor)
  return kind.isFIFO() || kind.isSocket()
}

const isPartyName = (name: string): name is PartyName => (PARTY_NAMES as readonly string[]).includes(name)

async function serveAll(rig: string): Promise<void> {
  const evidenceFolder = resolve(evidenceFolderFor('evidence', `${rig}-serve`, new Date()))
  const bench = await Bench.start({ rig, evidenceFolder })
  try {
    await bench.beginScenario('served')
    await bench.openStage()
  } catch (error) {
    await bench.close()
    throw error
  }
  const { appId, operatorToken, controlToken } = bench.parts.secrets
  await servingUntilAsked(
    { rig, urls: bench.urls, appId, operatorToken, controlToken, evidence: join(evidenceFolder) },
    async () => {
      await bench.endScenario()
      await bench.close()
    },
  )
}

async function servingUntilAsked(ready: object, close: () => Promise<void>): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve)
    if (!isPipe(0)) return
    process.stdin.once('end', resolve).once('error', resolve).resume()
  })
  console.log(JSON.stringify(ready))
  await asked
  await close()
}
