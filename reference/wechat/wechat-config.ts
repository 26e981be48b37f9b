import type { RandomInteger } from '../domain/unlock-code.js'
import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlStore } from '../ports/sql-store.js'
import { AesKeyInvalid, PushCipher } from '../wechat-wire/push-cipher.js'
import type { PushMode } from './push/push-sealing.js'
import { UsageFault } from '../ports/faults.js'

export type Datum = 'GCJ-02' | 'WGS-84'

/** A template that the account has chosen in the console. */
export interface MessageTemplate {
  readonly templateId: string
  readonly title: string
  /** With fields such as `{{thing1.DATA}}`, whose names say their types. */
  readonly content: string
}

/** A service account (服务号) as its owner set it up in WeChat's console. */
export interface WeChatAccount {
  readonly appId: string
  readonly secret: string
  /** The Token of the server settings, with which pushes are signed. */
  readonly token: string
  /** `gh_…`: the account's own name in pushes. */
  readonly originalId: string
  /** Where pushes go. May be set later with `connectCallback`, as the console allows. */
  readonly callbackUrl?: string
  /** How pushes are encrypted; plain when not given. */
  readonly mode?: PushMode
  /** EncodingAESKey, 43 characters; the modes compatible and safe need it. */
  readonly aesKey?: string
  /** Addresses that may ask for a token; any when not given. */
  readonly ipAllowList?: readonly string[]
  readonly templates?: readonly MessageTemplate[]
  /** Calls a day by path, where they are not the platform's own. */
  readonly callsPerDay?: Readonly<Record<string, number>>
  /** Paths of calls for which the account has no permission. */
  readonly unauthorisedCalls?: readonly string[]
  /** What the calls for the platform's addresses answer. */
  readonly serverIps?: readonly string[]
  /** Datum of location messages; WeChat does not document it. GCJ-02 when not given. */
  readonly locationDatum?: Datum
  /** Datum of LOCATION events; WeChat does not document it. WGS-84 when not given. */
  readonly positionDatum?: Datum
}

export interface WeChatPlatformConfig {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Names under which it may be asked while `host` is on loopback, besides those of loopback: of a proxy, of a tunnel. */
  readonly hostNames?: readonly string[]
  readonly accounts: readonly WeChatAccount[]
  /** Wall time after which an unanswered push is cut off. WeChat's own: 5000. */
  readonly pushTimeoutMs?: number
  /** Deliveries of an unanswered push in all. WeChat's own: 3. */
  readonly pushDeliveries?: number
  /** Bearer token that the fault switches ask for; without it they are off. */
  readonly controlToken?: string
}

export interface WeChatPlatformDeps {
  readonly clock: Clock
  readonly log: EventLog
  readonly random: RandomInteger
  /** Keeps everything that the platform remembers. */
  readonly store: SqlStore
}

/** Thrown for settings with which no account could work. */
export class WeChatSettingsInvalid extends UsageFault {
  override readonly name = 'WeChatSettingsInvalid'
}

function checkAccount({ appId, secret, token, originalId, callbackUrl, mode, aesKey }: WeChatAccount): void {
  if (!appId || !secret || !token) {
    throw new WeChatSettingsInvalid(`account "${appId}": appId, secret and token must not be empty`)
  }
  if (!originalId.startsWith('gh_')) {
    throw new WeChatSettingsInvalid(`account ${appId}: originalId "${originalId}" does not start with gh_`)
  }
  if (callbackUrl !== undefined && !(/^https?:/.test(callbackUrl) && URL.canParse(callbackUrl))) {
    throw new WeChatSettingsInvalid(`account ${appId}: callbackUrl "${callbackUrl}" is no http(s) URL`)
  }
  if (mode !== undefined && mode !== 'plain' && aesKey === undefined) {
    throw new WeChatSettingsInvalid(
      `account ${appId}: the mode ${mode} needs the account's EncodingAESKey (aesKey)`,
    )
  }
  if (aesKey === undefined) return
  try {
    new PushCipher(aesKey, appId)
  } catch (cause) {
    if (!(cause instanceof AesKeyInvalid)) throw cause
    throw new WeChatSettingsInvalid(`account ${appId}: ${cause.message}`, { cause })
  }
}

/** @throws WeChatSettingsInvalid */
export function checkWeChatSettings(config: WeChatPlatformConfig): void {
  const seen = new Set<string>()
  for (const account of config.accounts) {
    checkAccount(account)
    if (seen.has(account.appId)) throw new WeChatSettingsInvalid(`account ${account.appId} is there twice`)
    seen.add(account.appId)
  }
  if ((config.pushDeliveries ?? 1) < 1) throw new WeChatSettingsInvalid('pushDeliveries must be 1 or more')
  if ((config.pushTimeoutMs ?? 1) < 1) throw new WeChatSettingsInvalid('pushTimeoutMs must be 1 or more')
}
