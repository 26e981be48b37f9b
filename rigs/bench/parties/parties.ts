import type { SqlStore } from '../../../reference/ports/sql-store.js'
import type { RunningParty } from '../../../reference/ports/party.js'
import type { CloudConfig } from '../../../reference/cloud/cloud-config.js'
import { startCloud } from '../../../reference/cloud/cloud.js'
import type { PlatformConfig } from '../../../reference/platform/platform-config.js'
import { startPlatform } from '../../../reference/platform/platform.js'
import type { WeChatPlatformConfig } from '../../../reference/wechat/wechat-config.js'
import { startWeChatPlatform, type WeChatPlatform } from '../../../reference/wechat/wechat.js'
import { openStore } from './open-store.js'
import { partyDeps, type PartyRuntime } from './party-runtime.js'

/** A party that is reached over HTTP. */
export interface ServingParty extends RunningParty {
  readonly url: string
}

/** Starts a party on a store of its own, and closes both together. */
async function onStore<P extends ServingParty>(
  storeUrl: string,
  start: (store: SqlStore) => Promise<P>,
): Promise<ServingParty> {
  const store = await openStore(storeUrl)
  try {
    const party = await start(store)
    return {
      url: party.url,
      close: async () => {
        await party.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

export function openCloud(
  config: CloudConfig,
  storeUrl: string,
  runtime: PartyRuntime,
): Promise<ServingParty> {
  return onStore(storeUrl, (store) => startCloud(config, { ...partyDeps(runtime, 'cloud'), store }))
}

export function openPlatform(
  config: PlatformConfig,
  storeUrl: string,
  runtime: PartyRuntime,
): Promise<ServingParty> {
  return onStore(storeUrl, (store) => startPlatform(config, { ...partyDeps(runtime, 'platform'), store }))
}

export function openWeChat(config: WeChatPlatformConfig, runtime: PartyRuntime): Promise<WeChatPlatform> {
  return startWeChatPlatform(config, partyDeps(runtime, 'WeChat'))
}
