import { decodeMessage } from '../../../reference/can/dbc-codec.js'
import type { DbcMessage } from '../../../reference/can/dbc-model.js'
import { parkingBus } from '../../../reference/contracts/parking-bus.js'
import type { CanFrame } from '../../../reference/ports/can-bus.js'
import {
  MalformedParkingFrame,
  readParkingFrame,
  type ParkingMessage,
} from '../../../reference/vehicle/parking-frames.js'
import type { CycleFrame } from './cycle-ledger.js'

const counterOf = ({ data }: CanFrame, message: DbcMessage) =>
  decodeMessage(message, data).get('AliveCounter')?.physical ?? Number.NaN

/** A malformed frame is for the contract check to tell; here its counter is missing. */
function read(frame: CanFrame): ParkingMessage | undefined {
  try {
    return readParkingFrame(frame)
  } catch (error) {
    if (error instanceof MalformedParkingFrame) return undefined
    throw error
  }
}

/** What a frame is to the cycles of the bus; undefined for one that neither closes nor answers any. */
export function cycleFrame(frame: CanFrame): CycleFrame | undefined {
  const message = read(frame)
  if (message?.kind === 'info') {
    const { planSequence } = message
    return { kind: 'sent', planSequence, counter: counterOf(frame, parkingBus.info) }
  }
  if (message?.kind === 'ack') {
    const { planSequence, result } = message
    return { kind: 'answer', planSequence, result, counter: counterOf(frame, parkingBus.ack) }
  }
  return undefined
}
