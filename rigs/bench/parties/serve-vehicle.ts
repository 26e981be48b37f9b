import type { RunningParty } from '../../../reference/ports/party.js'
import type { BrokerAccess } from '../../../reference/ports/broker-access.js'
import { startHeadUnit } from '../../../reference/vehicle/head-unit.js'
import { startTBox } from '../../../reference/vehicle/t-box.js'
import type { CanBus } from '../../../reference/ports/can-bus.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { openCanBus } from '../can/open-can-bus.js'
import { Closing } from '../stage/closing.js'
import { partyDeps, type PartyRuntime } from './party-runtime.js'

export interface ServeVehicleSettings {
  readonly vehicleId: string
  readonly broker: BrokerAccess
  /** Where T-BOX and head unit meet; a bus in this process if not given. */
  readonly bus?: { readonly url: string }
  /** False: the T-BOX alone, for a head unit that is on the bus already. */
  readonly headUnit: boolean
}

/** Opens nodes on the bus of a car. */
function carBus(url: string | undefined, closing: Closing): (nodeName: string) => Promise<CanBus> {
  if (url !== undefined) return async (nodeName) => closing.add(await openCanBus(url, { nodeName }))
  const bus = closing.add(createMemoryCan())
  return async (nodeName) => bus.join(nodeName)
}

/** A car alone: T-BOX, and its head unit unless another one is there. */
export async function serveVehicle(
  { vehicleId, broker, bus, headUnit }: ServeVehicleSettings,
  runtime: PartyRuntime,
): Promise<RunningParty> {
  const closing = new Closing()
  try {
    const node = carBus(bus?.url, closing)
    if (headUnit) {
      closing.add(await startHeadUnit({}, { bus: await node('HEAD_UNIT'), log: runtime.log('head unit') }))
    }
    const deps = { ...partyDeps(runtime, 'T-BOX'), bus: await node('T_BOX') }
    closing.add(await startTBox({ vehicleId, broker }, deps))
    return { close: () => closing.close() }
  } catch (error) {
    await closing.close()
    throw error
  }
}
