import { startLock } from '../../../reference/lock/start-lock.js'
import { SimulatedLockHardware } from '../../simulated/simulated-lock-hardware/simulated-lock-hardware.js'
import type { BenchParts } from '../bench-parts.js'
import { openStore } from '../parties/open-store.js'
import { production, type PartyRuntime } from '../parties/party-runtime.js'
import type { PlatformClient } from '../people/platform-client.js'
import { Closing } from './closing.js'

/** Locks of the bays without a board: the reference controller on hardware that is simulated without firmware. */
export async function openNeighbours(
  { profile, broker, devicePasswords, clock }: BenchParts,
  runtime: PartyRuntime,
  operator: PlatformClient,
): Promise<{ close(): Promise<void> }> {
  const closing = new Closing()
  for (const { lockId, bayId, location, lock } of profile.bays) {
    if (lock === 'board') continue
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
        { hardware, store, clock, newId: production.newId, log: runtime.log(`lock ${lockId}`) },
      ),
    )
    // Its answer shows that the platform knows the lock to be there, which a plan asks for.
    await operator.command(lockId, { type: 'sync' })
  }
  return { close: () => closing.close() }
}
