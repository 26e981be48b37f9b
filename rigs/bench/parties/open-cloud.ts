import type { CloudConfig } from '../../../reference/cloud/cloud-config.js'
import { startCloud } from '../../../reference/cloud/cloud.js'
import { onStore, type ServingParty } from './on-store.js'
import { partyDeps, type PartyRuntime } from './party-runtime.js'

/** The reference cloud on a store of its own. */
export function openCloud(
  config: CloudConfig,
  storeUrl: string,
  runtime: PartyRuntime,
): Promise<ServingParty> {
  return onStore(storeUrl, (store) => startCloud(config, { ...partyDeps(runtime, 'cloud'), store }))
}
