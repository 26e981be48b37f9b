import { openE2eProtector } from '../can/e2e-protection.js'
import { frameKey } from '../can/dbc-model.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { CanFrame } from '../ports/can-bus.js'

/** The sending end of a node: a counter for every message of the contract that it sends. */
export class FrameProtection {
  readonly #protectors = new Map(
    parkingBus.protections.map((protection) => [protection.message, openE2eProtector(protection)]),
  )

  /** The frame with its counter and CRC; a message that the contract does not protect goes as it is. */
  protect(frame: CanFrame): CanFrame {
    const name = parkingBus.database.byFrame.get(frameKey(frame))?.name
    const protector = name === undefined ? undefined : this.#protectors.get(name)
    if (!protector) return frame
    const data = frame.data.slice()
    protector.protect(data)
    return { ...frame, data }
  }

  /** A label's payload with its counter and CRC. */
  protectLabel(payload: Uint8Array): Uint8Array {
    const own = payload.slice()
    this.#protectors.get(parkingBus.labelTransport.name)?.protect(own)
    return own
  }
}
