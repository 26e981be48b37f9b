import type { RunningParty } from '../../../reference/ports/party.js'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'
import { startHeadUnit } from '../../../reference/vehicle/head-unit.js'
import { startTBox } from '../../../reference/vehicle/t-box.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { Closing } from '../stage/closing.js'
import { production, type PartyRuntime } from './party-runtime.js'

export interface ServeVehicleSettings {
  readonly vehicleId: string
  readonly broker: BrokerAccess
}

/** A car alone: T-BOX and head unit on an in-process bus. */
export async function serveVehicle(
  settings: ServeVehicleSettings,
  { clock, log }: PartyRuntime,
): Promise<RunningParty> {
  const closing = new Closing()
  try {
    const bus = closing.add(createMemoryCan())
    closing.add(await startHeadUnit({}, { bus: bus.join('HEAD_UNIT'), log: log('head unit') }))
    const deps = { bus: bus.join('T_BOX'), clock, log: log('T-BOX'), newId: production.newId }
    closing.add(await startTBox(settings, deps))
    return { close: () => closing.close() }
  } catch (error) {
    await closing.close()
    throw error
  }
}
