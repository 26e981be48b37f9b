import type { WeChatPlatformConfig } from '../../../reference/wechat/wechat-config.js'
import { startWeChatPlatform, type WeChatPlatform } from '../../../reference/wechat/wechat.js'
import { partyDeps, type PartyRuntime } from './party-runtime.js'

/** The WeChat platform mock. */
export function openWeChat(config: WeChatPlatformConfig, runtime: PartyRuntime): Promise<WeChatPlatform> {
  return startWeChatPlatform(config, partyDeps(runtime, 'WeChat'))
}
