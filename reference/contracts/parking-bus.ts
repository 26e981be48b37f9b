/** What `parking.dbc`, which is the authority, says about the bus between T-BOX and head unit. */
import { readFileSync } from 'node:fs'
import { dbcMessage, type DbcDatabase, type DbcMessage } from '../can/dbc-model.js'
import { parseDbc } from '../can/dbc-parser.js'
import { e2eProtection, type E2eProtection } from '../can/e2e-protection.js'
import { contractFile } from './contract-document.js'

/** Names of the nodes, as the contract and the bus's evidence have them. */
export type ParkingNode = 'T_BOX' | 'HEAD_UNIT'

export interface ParkingBus {
  readonly database: DbcDatabase
  readonly latitude: DbcMessage
  readonly longitude: DbcMessage
  readonly progress: DbcMessage
  readonly info: DbcMessage
  readonly ack: DbcMessage
  readonly labelTransport: DbcMessage
  readonly labelFlowControl: DbcMessage
  /** Ids of the messages whose frames are ISO-TP. */
  readonly isoTpIds: readonly number[]
  /** Milliseconds between two ParkingPlanInfo frames … */
  readonly cycleMs: number
  /** … and between the first ones of a plan or after a change, of which there are `fastCycles`. */
  readonly fastCycleMs: number
  readonly fastCycles: number
  /** Of the protected messages. */
  readonly protections: readonly E2eProtection[]
  /** @throws MissingFromContract for a message that is not protected */
  protectionOf(message: DbcMessage): E2eProtection
}

/** `parking.dbc` lacks what the parties need of it. */
export class MissingFromContract extends Error {
  override readonly name = 'MissingFromContract'
}

/** Index of "IsoTp" in the attribute's enumeration. */
const ISO_TP = 1

function loadParkingBus(): ParkingBus {
  const database = parseDbc(readFileSync(contractFile('parking.dbc'), 'utf8'))
  const info = dbcMessage(database, 'ParkingPlanInfo')
  const positive = (attribute: string): number => {
    const value = info.attributes.get(attribute)
    if (typeof value === 'number' && value > 0) return value
    throw new MissingFromContract(`parking.dbc: ParkingPlanInfo has no ${attribute}`)
  }
  const protections = database.messages.flatMap((message) => e2eProtection(message) ?? [])
  return {
    database,
    latitude: dbcMessage(database, 'ParkingPlanLatitude'),
    longitude: dbcMessage(database, 'ParkingPlanLongitude'),
    progress: dbcMessage(database, 'ParkingUnlockProgress'),
    info,
    ack: dbcMessage(database, 'HeadUnitAck'),
    labelTransport: dbcMessage(database, 'ParkingLabelTransport'),
    labelFlowControl: dbcMessage(database, 'ParkingLabelFlowControl'),
    isoTpIds: database.messages
      .filter(({ attributes }) => attributes.get('TransportProtocol') === ISO_TP)
      .map(({ id }) => id),
    cycleMs: positive('GenMsgCycleTime'),
    fastCycleMs: positive('GenMsgCycleTimeFast'),
    fastCycles: positive('GenMsgNrOfRepetition'),
    protections,
    protectionOf({ name }) {
      const found = protections.find(({ message }) => message === name)
      if (!found) throw new MissingFromContract(`parking.dbc: ${name} has no E2EProfile`)
      return found
    },
  }
}

export const parkingBus: ParkingBus = loadParkingBus()
