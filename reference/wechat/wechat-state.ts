import { AccessTokens } from './access-tokens.js'
import { Followers } from './followers.js'
import { MediaStore } from './media-store.js'
import { PushChannel } from './push-channel.js'
import { QrTickets } from './qr-tickets.js'
import type { WeChatPlatformConfig, WeChatPlatformDeps } from './wechat-config.js'

/** Everything that the platform remembers. */
export interface WeChatState {
  readonly tokens: AccessTokens
  readonly followers: Followers
  readonly media: MediaStore
  readonly tickets: QrTickets
  /** By appId. */
  readonly channels: ReadonlyMap<string, PushChannel>
}

/** WeChat cuts off after 5 s and delivers three times in all. */
const PUSH_TIMEOUT_MS = 5000
const PUSH_DELIVERIES = 3

export function createWeChatState(config: WeChatPlatformConfig, deps: WeChatPlatformDeps): WeChatState {
  const settings = {
    timeoutMs: config.pushTimeoutMs ?? PUSH_TIMEOUT_MS,
    deliveries: config.pushDeliveries ?? PUSH_DELIVERIES,
  }
  return {
    tokens: new AccessTokens(deps.clock, deps.random),
    followers: new Followers(deps.random),
    media: new MediaStore(deps.clock, deps.random),
    tickets: new QrTickets(deps.clock, deps.random),
    channels: new Map(
      config.accounts.map((account) => [account.appId, new PushChannel(account, settings, deps)]),
    ),
  }
}
