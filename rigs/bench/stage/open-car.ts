import { canContractCheck } from '../../../reference/can/can-contract-check.js'
import { formatCandumpLine } from '../../../reference/can/candump-log.js'
import { frameKey } from '../../../reference/can/dbc-model.js'
import { parkingBus } from '../../../reference/contracts/parking-bus.js'
import { startHeadUnit } from '../../../reference/vehicle/head-unit.js'
import { startTBox } from '../../../reference/vehicle/t-box.js'
import type { BenchParts } from '../bench-parts.js'
import { rigBusUrl } from '../can/rig-bus.js'
import { partyDeps, type PartyRuntime } from '../parties/party-runtime.js'
import { CAR_NODES, type CanTap } from '../wires/can-wire.js'
import { faultyCanLine } from '../wires/faulty-can-line.js'
import type { ContractWatch } from '../wires/contract-watch.js'
import { MqttLink } from '../wires/mqtt-link.js'
import { WIRES } from '../wires/wires.js'
import { busFault, labelsLost } from './bus-faults.js'
import { Car, type DashboardReading } from './car.js'
import { Closing } from './closing.js'
import { cycleFrame } from './cycle-frame.js'
import { CycleLedger } from './cycle-ledger.js'
import { startPartyProcess } from './party-process.js'

const PARTIES: Readonly<Record<string, string>> = {
  [CAR_NODES.tBox]: 'T-BOX',
  [CAR_NODES.headUnit]: 'head unit',
}

export interface OpenCar {
  readonly car: Car
  /** The T-BOX's connection to the broker. */
  readonly link: MqttLink
  /** The head unit's picture now, PNG. */
  picture(): Buffer
  /** What was on the bus, in candump's format. */
  log(): string
  close(): Promise<void>
}

/** A car: T-BOX and head unit on the rig's bus, every frame of which is logged and held against the DBC. */
export async function openCar(
  bench: BenchParts,
  watch: ContractWatch,
  runtime: PartyRuntime,
): Promise<OpenCar> {
  const closing = new Closing()
  const { can } = bench
  const lines: string[] = []
  const check = canContractCheck(parkingBus.database, parkingBus.isoTpIds, parkingBus.protections)
  const tap = (listener: CanTap) => closing.addEnd(can.tap(listener))
  tap((frame, node) => {
    const message = parkingBus.database.byFrame.get(frameKey(frame))
    // A frame that none of our nodes sent is the message's owner's, as far as anybody can know.
    const sender = node ?? message?.sender ?? 'another node'
    const party = PARTIES[sender] ?? sender
    watch.saw(WIRES.can.wire, party, check(frame, sender)?.detail)
    lines.push(formatCandumpLine({ frame, timestampUs: frame.timestampUs, channel: 'can0' }))
    const name = message?.name ?? 'unknown frame'
    const to = party === WIRES.can.to ? WIRES.can.from : WIRES.can.to
    bench.wires.record({ wire: 'can', from: party, to, name, body: lines.at(-1)?.split(' ').at(-1) })
  })
  const cycles = new CycleLedger()
  tap((frame) => {
    const seen = cycleFrame(frame)
    if (seen) cycles.see(seen)
  })
  const line = closing.add(faultyCanLine(can.node(CAR_NODES.headUnit)))
  const headUnit = closing.add(await startHeadUnit({}, { bus: line, log: runtime.log('head unit') }))
  const { vehicleId } = bench.profile
  const link = closing.add(await MqttLink.open(bench.brokerAccess(vehicleId)))
  const settings = { vehicleId, broker: link.access }
  const openTBox = async () => {
    if (bench.profile.processes === 'one') {
      return startTBox(settings, { ...partyDeps(runtime, 'T-BOX'), bus: can.node(CAR_NODES.tBox) })
    }
    const onBus = { ...settings, bus: { url: rigBusUrl(bench.profile.bus) }, headUnit: false }
    return startPartyProcess('vehicle', 't-box', onBus, undefined, bench)
  }
  const tBox = closing.add(await openTBox())
  return {
    link,
    car: new Car({
      dashboard: {
        read: (): DashboardReading => headUnit.screen(),
        onChange: (listener) => headUnit.onChange(() => listener()),
        faults: () => headUnit.health().flatMap(({ faults }) => Object.keys(faults)),
      },
      tBox,
      dropLabels: () => void line.inject(labelsLost),
      disturb: (fault, scope) => line.inject(busFault(fault, scope)),
      cycles,
      onFrame: (listener) => can.tap(() => listener()),
    }),
    picture: () => headUnit.picture(),
    log: () => `${lines.join('\n')}\n`,
    close: () => closing.close(),
  }
}
