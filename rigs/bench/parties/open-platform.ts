import type { PlatformConfig } from '../../../reference/platform/platform-config.js'
import { startPlatform } from '../../../reference/platform/platform.js'
import { onStore, type ServingParty } from './on-store.js'
import { partyDeps, type PartyRuntime } from './party-runtime.js'

/** The reference parking platform on a store of its own. */
export function openPlatform(
  config: PlatformConfig,
  storeUrl: string,
  runtime: PartyRuntime,
): Promise<ServingParty> {
  return onStore(storeUrl, (store) => startPlatform(config, { ...partyDeps(runtime, 'platform'), store }))
}
