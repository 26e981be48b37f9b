import type { Position } from '../../../reference/contracts/platform-api.js'
import { startLock } from '../../../reference/lock/start-lock.js'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'
import type { RunningParty } from '../../../reference/ports/party.js'
import { SimulatedLockHardware } from '../../simulated/lock-plant/simulated-lock-hardware.js'
import { Closing } from '../stage/closing.js'
import { openStore } from './open-store.js'
import { partyDeps, type PartyRuntime } from './party-runtime.js'

export interface ServeLockSettings {
  readonly lockId: string
  readonly bayId: string
  /** Surveyed centre of the bay, WGS-84. */
  readonly location: Position
  readonly broker: BrokerAccess
}

/**
 * A lock controller alone, on hardware that is simulated without firmware; the lock on the board is the bench's.
 */
export async function serveLock(
  { location, ...config }: ServeLockSettings,
  storeUrl: string,
  runtime: PartyRuntime,
): Promise<RunningParty> {
  const closing = new Closing()
  try {
    const store = closing.add(await openStore(storeUrl))
    const hardware = closing.add(new SimulatedLockHardware({ bolt: 'up' }))
    const deps = { ...partyDeps(runtime, `lock ${config.lockId}`), hardware, store }
    closing.add(await startLock({ ...config, presetLocation: location }, deps))
    return { close: () => closing.close() }
  } catch (error) {
    await closing.close()
    throw error
  }
}
