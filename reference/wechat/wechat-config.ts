import type { RandomInteger } from '../domain/unlock-code.js'
import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'

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
}

export interface WeChatPlatformConfig {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
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
}

/** Thrown for settings with which no account could work. */
export class WeChatSettingsInvalid extends Error {
  override readonly name = 'WeChatSettingsInvalid'
}

/** @throws WeChatSettingsInvalid */
export function checkWeChatSettings(config: WeChatPlatformConfig): void {
  const seen = new Set<string>()
  for (const { appId, secret, token, originalId, callbackUrl } of config.accounts) {
    if (!appId || !secret || !token) {
      throw new WeChatSettingsInvalid(`account "${appId}": appId, secret and token must not be empty`)
    }
    if (!originalId.startsWith('gh_')) {
      throw new WeChatSettingsInvalid(`account ${appId}: originalId "${originalId}" does not start with gh_`)
    }
    if (callbackUrl !== undefined && !URL.canParse(callbackUrl)) {
      throw new WeChatSettingsInvalid(`account ${appId}: callbackUrl "${callbackUrl}" is not a URL`)
    }
    if (seen.has(appId)) throw new WeChatSettingsInvalid(`account ${appId} is there twice`)
    seen.add(appId)
  }
  if ((config.pushDeliveries ?? 1) < 1) throw new WeChatSettingsInvalid('pushDeliveries must be 1 or more')
  if ((config.pushTimeoutMs ?? 1) < 1) throw new WeChatSettingsInvalid('pushTimeoutMs must be 1 or more')
}
