/** What `parking.dbc`, which is the authority, says about the bus between T-BOX and head unit. */
import { readFileSync } from 'node:fs'
import { dbcMessage, type DbcDatabase, type DbcMessage } from '../can/dbc-model.js'
import { parseDbc } from '../can/dbc-parser.js'
import { contractFile } from './contract.js'

/** Names of the nodes, as the contract and the bus's evidence have them. */
export type ParkingNode = 'T_BOX' | 'HEAD_UNIT'

export interface ParkingBus {
  readonly database: DbcDatabase
  readonly position: DbcMessage
  readonly info: DbcMessage
  readonly ack: DbcMessage
  readonly labelTransport: DbcMessage
  readonly labelFlowControl: DbcMessage
  /** Ids of the messages whose frames are ISO-TP. */
  readonly isoTpIds: readonly number[]
  /** Milliseconds between two ParkingPlanInfo frames. */
  readonly cycleMs: number
}

/** Index of "IsoTp" in the attribute's enumeration. */
const ISO_TP = 1

function loadParkingBus(): ParkingBus {
  const database = parseDbc(readFileSync(contractFile('parking.dbc'), 'utf8'))
  const info = dbcMessage(database, 'ParkingPlanInfo')
  if (info.cycleTimeMs === undefined) throw new Error('parking.dbc: ParkingPlanInfo has no GenMsgCycleTime')
  return {
    database,
    position: dbcMessage(database, 'ParkingPlanPosition'),
    info,
    ack: dbcMessage(database, 'HeadUnitAck'),
    labelTransport: dbcMessage(database, 'ParkingLabelTransport'),
    labelFlowControl: dbcMessage(database, 'ParkingLabelFlowControl'),
    isoTpIds: database.messages
      .filter(({ attributes }) => attributes.get('TransportProtocol') === ISO_TP)
      .map(({ id }) => id),
    cycleMs: info.cycleTimeMs,
  }
}

export const parkingBus: ParkingBus = loadParkingBus()
