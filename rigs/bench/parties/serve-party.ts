import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { CloudConfig } from '../../../reference/cloud/cloud-config.js'
import { partyMistakes } from '../../../reference/platform/parties.js'
import type { PlatformConfig } from '../../../reference/platform/platform-config.js'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'
import type { Clock } from '../../../reference/ports/clock.js'
import type { WeChatPlatformConfig } from '../../../reference/wechat/wechat-config.js'
import type { EmbeddedBrokerConfig } from '../../drivers/embedded-broker/embedded-broker.js'
import { systemClock } from '../../drivers/system-clock/system-clock.js'
import { runRedactionKey, createRedactor } from '../../evidence/redaction.js'
import { openTimeline } from '../../evidence/timeline.js'
import { whyNotLetIn } from '../broker/why-not-let-in.js'
import { openClockControl } from '../control/clock-control.js'
import { untilReachable } from '../reachable.js'
import { RigUnavailable } from '../rig-errors.js'
import { SettingsReader } from '../settings-reader.js'
import { Closing } from '../stage/closing.js'
import { withInventory } from './inventory-setting.js'
import { openPartyLogs } from './party-log.js'
import type { PartyRuntime } from './party-runtime.js'
import { SERVE_SCHEMAS, type PartyName } from './serve-schemas.js'
import type { ServeLockSettings } from './serve-lock.js'
import type { ServeVehicleSettings } from './serve-vehicle.js'
import { isExposed, weakSecrets } from './weak-secrets.js'

export interface ServedParty {
  readonly urls: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** A party may be started before the broker that it needs: a run of the suite brings its own. */
const BROKER_MS = 120_000

/** By which the parties say so: platform, cloud and T-BOX, lock. */
const BROKER_FAULTS: ReadonlySet<string> = new Set([
  'BrokerUnavailable',
  'BrokerUnreachable',
  'BrokerRefused',
])

interface Common {
  readonly broker: BrokerAccess
  readonly store: { readonly url: string }
  readonly clock?: {
    readonly control: { readonly token: string; readonly startMs?: number; readonly port: number }
  }
}

/**
 * Starts one party alone, as a file of settings says.
 * @param logFile gets the party's log
 * @throws InvalidSettings, and what the party's own start throws
 */
export async function serveParty(party: PartyName, file: string, logFile?: string): Promise<ServedParty> {
  const text = readFileSync(file, 'utf8')
  const settings = new SettingsReader<object>(SERVE_SCHEMAS[party], (read) => [
    ...(party === 'platform' ? partyMistakes(read as PlatformConfig) : []),
    ...(isExposed(read) ? weakSecrets(read) : []),
  ]).read(text, file)
  warnOfWeakSecrets(settings, file)
  return serveSettings(party, await withInventory(settings, dirname(file)), logFile)
}

/** On loopback a weak secret is for trying things out; where others reach the party it is refused before. */
function warnOfWeakSecrets(settings: object, file: string): void {
  for (const { what } of weakSecrets(settings)) process.stderr.write(`lockstep: warning: ${file}: ${what}\n`)
}

/** Starts one party alone. @throws what the party's own start throws */
export async function serveSettings(
  party: PartyName,
  settings: object,
  logFile?: string,
): Promise<ServedParty> {
  const closing = new Closing()
  try {
    const { clock: clockSettings, store, ...config } = settings as Partial<Common>
    const urls: Record<string, string> = {}
    const log = eventLogs(party, closing, logFile)
    let clock: Clock = systemClock
    if (clockSettings) {
      const { token, port, startMs = Date.now() } = clockSettings.control
      const control = closing.add(
        await openClockControl({ host: '127.0.0.1', port, token, startMs, log: log('clock') }),
      )
      clock = control.clock
      urls['clock'] = control.url
    }
    if (config.broker && !(await untilReachable(config.broker.url, BROKER_MS))) {
      throw new RigUnavailable(`the broker at ${config.broker.url} accepts no connection`, 'start it')
    }
    const runtime: PartyRuntime = { clock, log }
    const started = closing.add(
      await start(party, config, store?.url ?? '', runtime).catch((error: unknown) => {
        throw config.broker ? mendable(error, config.broker) : error
      }),
    )
    if (started.url) urls[party] = started.url
    return { urls, close: () => closing.close() }
  } catch (error) {
    await closing.close().catch(() => undefined) // the first error is the one that counts
    throw error
  }
}

/** What a party says that a broker does not let in, with what to do about it. */
function mendable(error: unknown, broker: BrokerAccess): unknown {
  if (!(error instanceof Error) || !BROKER_FAULTS.has(error.name)) return error
  return new RigUnavailable(error.message, whyNotLetIn(broker.url, error.cause).mend)
}

/** Loads only the party that is asked for: a cloud needs no canvas, a broker no database. */
async function start(
  party: PartyName,
  config: object,
  storeUrl: string,
  runtime: PartyRuntime,
): Promise<{ readonly url?: string; close(): Promise<void> }> {
  switch (party) {
    case 'wechat':
      return (await import('./open-wechat.js')).openWeChat(
        config as WeChatPlatformConfig,
        storeUrl || 'libsql::memory:',
        runtime,
      )
    case 'cloud':
      return (await import('./open-cloud.js')).openCloud(config as CloudConfig, storeUrl, runtime)
    case 'platform':
      return (await import('./open-platform.js')).openPlatform(config as PlatformConfig, storeUrl, runtime)
    case 'broker': {
      const { startEmbeddedBroker } = await import('../../drivers/embedded-broker/embedded-broker.js')
      const { logRefusals } = await import('../../drivers/embedded-broker/log-refusals.js')
      const broker = await startEmbeddedBroker(config as EmbeddedBrokerConfig)
      logRefusals(broker, runtime.log('broker'))
      return broker
    }
    case 'vehicle':
      return (await import('./serve-vehicle.js')).serveVehicle(config as ServeVehicleSettings, runtime)
    case 'lock':
      return (await import('./serve-lock.js')).serveLock(config as ServeLockSettings, storeUrl, runtime)
  }
}

/** Into the evidence of the run that started this process, or a log of its own: standard output belongs to the JSON line. */
function eventLogs(party: PartyName, closing: Closing, logFile: string | undefined): PartyRuntime['log'] {
  const folder = process.env['LOCKSTEP_EVIDENCE']
  if (!folder) {
    const logs = closing.add(openPartyLogs(logFile))
    return (name) => logs.log(name)
  }
  const redactor = createRedactor(runRedactionKey())
  const name = process.env['LOCKSTEP_PROCESS'] ?? party
  const timeline = closing.add(openTimeline({ folder, process: name, redactor }))
  return (name) => timeline.eventLog(name)
}
