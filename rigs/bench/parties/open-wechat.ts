import type { WeChatPlatformConfig } from '../../../reference/wechat/wechat-config.js'
import { startWeChatPlatform } from '../../../reference/wechat/wechat.js'
import { onStore, type ServingParty } from './on-store.js'
import { partyDeps, type PartyRuntime } from './party-runtime.js'

/** The WeChat platform mock on a store of its own. */
export function openWeChat(
  config: WeChatPlatformConfig,
  storeUrl: string,
  runtime: PartyRuntime,
): Promise<ServingParty> {
  return onStore(storeUrl, (store) => startWeChatPlatform(config, { ...partyDeps(runtime, 'WeChat'), store }))
}
