import type { RunningParty } from '../../../reference/ports/party.js'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'
import { startHeadUnit } from '../../../reference/vehicle/head-unit.js'
import { startTBox } from '../../../reference/vehicle/t-box.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { Closing } from '../stage/closing.js'
import { partyDeps, type PartyRuntime } from './party-runtime.js'

export interface ServeVehicleSettings {
  readonly vehicleId: string
  readonly broker: BrokerAccess
}

/** A car alone: T-BOX and head unit on an in-process bus. */
export async function serveVehicle(
  settings: ServeVehicleSettings,
  runtime: PartyRuntime,
): Promise<RunningParty> {
  const closing = new Closing()
  try {
    const bus = closing.add(createMemoryCan())
    closing.add(await startHeadUnit({}, { bus: bus.join('HEAD_UNIT'), log: runtime.log('head unit') }))
    const deps = { ...partyDeps(runtime, 'T-BOX'), bus: bus.join('T_BOX') }
    closing.add(await startTBox(settings, deps))
    return { close: () => closing.close() }
  } catch (error) {
    await closing.close()
    throw error
  }
}
