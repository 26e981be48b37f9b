import { startLock } from '../../../reference/lock/start-lock.js'
import { SimulatedLockHardware } from '../../simulated/lock-plant/simulated-lock-hardware.js'
import type { BenchParts } from '../bench-parts.js'
import { openStore } from '../parties/open-store.js'
import { partyDeps, type PartyRuntime } from '../parties/party-runtime.js'
import type { PlatformClient } from '../people/platform-client.js'
import type { BayProfile } from '../profile-schema.js'
import { Closing } from './closing.js'

/** Locks of the bays without a board: the reference controller on hardware that is simulated without firmware. */
export async function openNeighbours(
  { profile, broker, devicePasswords }: BenchParts,
  runtime: PartyRuntime,
  operator: PlatformClient,
): Promise<{ close(): Promise<void> }> {
  const closing = new Closing()
  const open = async ({ lockId, bayId, location }: BayProfile) => {
    const store = closing.add(await openStore('libsql::memory:'))
    const hardware = closing.add(new SimulatedLockHardware({ bolt: 'up' }))
    closing.add(
      await startLock(
        {
          lockId,
          bayId,
          presetLocation: location,
          broker: { url: broker.url, username: lockId, password: devicePasswords.get(lockId) ?? '' },
        },
        { ...partyDeps(runtime, `lock ${lockId}`), hardware, store },
      ),
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
  return { close: () => closing.close() }
}
