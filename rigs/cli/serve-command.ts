import { fstatSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { evidenceFolderFor } from '../bench/cucumber-options.js'
import { endInterrupted } from '../bench/end-interrupted.js'
import { PARTY_NAMES, type PartyName } from '../bench/parties/serve-schemas.js'
import { UsageError } from './failure-exit.js'
import { flagsForWeChat, weChatSettings, type WeChatFlags } from './wechat-flags.js'

export interface ServeFlags extends WeChatFlags {
  /** For all parties: a profile's name or a YAML file. */
  readonly rig: string
  /** For one party: its settings, YAML. */
  readonly config?: string
  /** For one party: where its log goes. */
  readonly log?: string
}

/**
 * Starts all parties on a rig, or one alone; resolves when they have been asked to end and have.
 * @throws UsageError, InvalidSettings, and what the parties throw
 */
export async function serve(party: string | undefined, flags: ServeFlags): Promise<void> {
  const [stray] = flagsForWeChat(flags)
  if (stray !== undefined && (party !== 'wechat' || flags.config !== undefined)) {
    throw new UsageError(`${stray} is for \`serve wechat\` without --config; put it into the file instead`)
  }
  if (party === undefined && flags.log !== undefined) {
    throw new UsageError('--log is for one party; of a rig everything is in its evidence')
  }
  if (party === undefined) return serveAll(flags.rig)
  if (party === 'wechat' && flags.config === undefined) return serveWeChat(flags)
  if (!isPartyName(party))
    throw new UsageError(`there is no party ${party}; known: ${PARTY_NAMES.join(', ')}`)
  if (flags.config === undefined)
    throw new UsageError(`serve ${party} needs --config FILE: see docs/serve.md`)
  if (!statSync(flags.config, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`there is no file ${flags.config}`)
  }
  const { serveParty } = await import('../bench/parties/serve-party.js')
  const serving = await serveParty(party, resolve(flags.config), flags.log)
  const { wechat } = serving.urls
  const urls = wechat
    ? { ...serving.urls, api: wechat, phone: `${wechat}/phone/`, control: `${wechat}/control` }
    : serving.urls
  await servingUntilAsked({ party, urls }, () => serving.close())
}

/** A WeChat of one account, without a file. */
async function serveWeChat(flags: ServeFlags): Promise<void> {
  const { settings, controlToken } = weChatSettings(flags)
  const { isExposed, weakSecrets } = await import('../bench/parties/weak-secrets.js')
  // The control token serves the clock as well.
  const [weak] = weakSecrets({ ...settings, clock: undefined })
  if (weak && isExposed(settings)) throw new UsageError(weak.what)
  if (weak) console.error(`lockstep: warning: ${weak.what}`)
  const { serveSettings } = await import('../bench/parties/serve-party.js')
  const serving = await serveSettings('wechat', settings, flags.log)
  const { wechat = '', clock } = serving.urls
  const urls = {
    api: wechat,
    phone: `${wechat}/phone/`,
    control: `${wechat}/control`,
    ...(clock && { clock }),
  }
  await servingUntilAsked({ party: 'wechat', urls, appId: flags.appid, controlToken }, () => serving.close())
}

/** A terminal, a file or /dev/null on standard input says nothing about whoever started us. */
function isPipe(descriptor: number): boolean {
  const kind = fstatSync(descriptor)
  return kind.isFIFO() || kind.isSocket()
}

const isPartyName = (name: string): name is PartyName => (PARTY_NAMES as readonly string[]).includes(name)

async function serveAll(rig: string): Promise<void> {
  const evidenceFolder = resolve(evidenceFolderFor('evidence', `${rig}-serve`, new Date()))
  const { Bench } = await import('../bench/bench.js')
  const bench = await Bench.start({ rig, evidenceFolder })
  try {
    await bench.beginScenario('served')
    await bench.openStage()
  } catch (error) {
    await bench.close()
    throw error
  }
  void bench.safeByHand.then(() => endInterrupted(bench, 'made safe by hand (lockstep safe)'))
  const { appId, operatorToken, controlToken } = bench.parts.secrets
  await servingUntilAsked(
    { rig, urls: bench.urls, appId, operatorToken, controlToken, evidence: evidenceFolder },
    async () => {
      await bench.endScenario().finally(() => bench.close())
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
