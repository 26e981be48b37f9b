import type { BenchParts } from '../bench-parts.js'
import type { PartyRuntime } from '../parties/party-runtime.js'
import { serveLock } from '../parties/serve-lock.js'
import type { PlatformClient } from '../people/platform-client.js'
import type { BayProfile } from '../profile-schema.js'
import { MqttLink } from '../wires/mqtt-link.js'
import { Closing } from './closing.js'
import { startPartyProcess } from './party-process.js'

export interface OpenNeighbours {
  /** Each lock's connection to the broker, by its lockId. */
  readonly links: ReadonlyMap<string, MqttLink>
  close(): Promise<void>
}

/** Locks of the bays without a board: the reference controller on hardware that is simulated without firmware. */
export async function openNeighbours(
  bench: BenchParts,
  runtime: PartyRuntime,
  operator: PlatformClient,
): Promise<OpenNeighbours> {
  const closing = new Closing()
  const { profile, brokerAccess } = bench
  const storeUrl = 'libsql::memory:'
  const links = new Map<string, MqttLink>()
  const open = async ({ lockId, bayId, location }: BayProfile) => {
    const link = closing.add(await MqttLink.open(brokerAccess(lockId)))
    links.set(lockId, link)
    const settings = { lockId, bayId, location, broker: link.access }
    closing.add(
      profile.processes === 'one'
        ? await serveLock(settings, storeUrl, runtime)
        : await startPartyProcess('lock', `lock-${lockId}`, settings, storeUrl, bench),
    )
    // Its answer shows that the platform knows the lock to be there, which a plan asks for.
    await operator.command(lockId, { type: 'sync' })
  }
  const opened = await Promise.allSettled(profile.bays.filter(({ lock }) => lock === 'simulated').map(open))
  for (const outcome of opened) {
    if (outcome.status === 'fulfilled') continue
    await closing.close()
    throw outcome.reason
  }
  return { links, close: () => closing.close() }
}
