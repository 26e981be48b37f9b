import {
  CAN_ERROR_CLASS,
  CAN_ERROR_CONTROLLER,
  CAN_ERROR_LOCATION,
  CAN_ERROR_PROTOCOL,
} from '../../../reference/can/can-error-class.js'

export type ControllerState = 'error-active' | 'error-warning' | 'error-passive' | 'bus-off'

/** What a controller of a node says of itself (ISO 11898-1, fault confinement). */
export interface CanController {
  readonly state: ControllerState
  /** TEC; more than 255 is bus-off. */
  readonly transmitErrors: number
  /** REC, 0…255. */
  readonly receiveErrors: number
}

/** An error on the bus as an error frame tells it. */
export interface WireError {
  readonly errorClass: number
  readonly protocol: number
  readonly location: number
}

const protocolError = (protocol: number, location: number): WireError => ({
  errorClass: CAN_ERROR_CLASS.protocol | CAN_ERROR_CLASS.busError,
  protocol,
  location,
})

export const WIRE_ERRORS = {
  noAcknowledgement: {
    errorClass: CAN_ERROR_CLASS.noAcknowledgement | CAN_ERROR_CLASS.busError,
    protocol: 0,
    location: CAN_ERROR_LOCATION.acknowledgeSlot,
  },
  wrongCrc: protocolError(0, CAN_ERROR_LOCATION.crcSequence),
  /** An error flag of others where the end of the frame should be. */
  flagInEnd: protocolError(CAN_ERROR_PROTOCOL.form, CAN_ERROR_LOCATION.endOfFrame),
  flagInOwnEnd: protocolError(
    CAN_ERROR_PROTOCOL.form | CAN_ERROR_PROTOCOL.transmission,
    CAN_ERROR_LOCATION.endOfFrame,
  ),
  ownBit: protocolError(
    CAN_ERROR_PROTOCOL.bit | CAN_ERROR_PROTOCOL.bit1 | CAN_ERROR_PROTOCOL.transmission,
    CAN_ERROR_LOCATION.data,
  ),
  stuffing: protocolError(CAN_ERROR_PROTOCOL.stuff, CAN_ERROR_LOCATION.unspecified),
} as const satisfies Record<string, WireError>

const WARNING = 96
const PASSIVE = 128
const BUS_OFF = 256
/** The counter of a receiver stands still here, as in controllers whose counter has 8 bits. */
const MOST_RECEIVE_ERRORS = 255
/** Where a receiver's counter falls to from above 127; the standard allows 119…127. */
const AFTER_PASSIVE = 127

const LEVELS = ['error-active', 'error-warning', 'error-passive', 'bus-off'] as const
const levelOf = (errors: number) =>
  errors >= BUS_OFF ? 3 : errors >= PASSIVE ? 2 : errors >= WARNING ? 1 : 0

const { transmitWarning, transmitPassive, receiveWarning, receivePassive, active } = CAN_ERROR_CONTROLLER
const TRANSMIT_DETAIL = [active, transmitWarning, transmitPassive, 0]
const RECEIVE_DETAIL = [active, receiveWarning, receivePassive, 0]

/**
 * The error counters of a node by the rules a, b, c, f, g and h of ISO 11898-1:2015, 12.1.4.2, as far as they are seen
 * frame by frame. Rules d and e are about bit errors inside an active error flag, which nothing here can disturb.
 */
export class Controller implements CanController {
  transmitErrors = 0
  receiveErrors = 0
  #level: 0 | 1 | 2 | 3 = 0

  /** @param report tells the node's listeners: error class and data of an error frame */
  constructor(private readonly report: (errorClass: number, data: Uint8Array) => void) {}

  get state(): ControllerState {
    return LEVELS[this.#level]
  }

  get busOff(): boolean {
    return this.#level === 3
  }

  /** Its error flags are recessive: nobody sees them. */
  get passive(): boolean {
    return this.#level === 2
  }

  /** Rule g: a frame was transmitted. */
  sent(): void {
    if (this.transmitErrors === 0) return
    this.transmitErrors--
    this.#settle()
  }

  /** Rule h: a frame was received. */
  received(): void {
    if (this.receiveErrors === 0) return
    this.receiveErrors = this.receiveErrors >= PASSIVE ? AFTER_PASSIVE : this.receiveErrors - 1
    this.#settle()
  }

  /** Rules c and f: 8 for an error of a transmitter; 0 where an exception of rule c leaves the counter as it is. */
  failedToSend(by: 0 | 8, error?: WireError): void {
    if (this.busOff) return
    this.transmitErrors += by
    this.#settle(error)
  }

  /** Rules a, b and f: 1 for an error of a receiver, 8 for a dominant bit after its error flag. */
  failedToReceive(by: number, error?: WireError): void {
    if (this.busOff) return
    this.receiveErrors = Math.min(MOST_RECEIVE_ERRORS, this.receiveErrors + by)
    this.#settle(error)
  }

  /** After bus-off: both counters are zero again. */
  recover(): void {
    this.transmitErrors = this.receiveErrors = this.#level = 0
    this.#tell(CAN_ERROR_CLASS.restarted | CAN_ERROR_CLASS.controller, active)
  }

  /** An error and the state that it leads to are told in one error frame, as Linux's drivers do. */
  #settle(error?: WireError): void {
    const [transmit, receive] = [levelOf(this.transmitErrors), levelOf(this.receiveErrors)]
    const level = Math.max(transmit, receive) as 0 | 1 | 2 | 3
    const changed = level !== this.#level
    if (!changed && !error) return
    this.#level = level
    let state: number = 0
    let detail: number = 0
    if (changed && level === 3) state = CAN_ERROR_CLASS.busOff
    else if (changed) {
      state = CAN_ERROR_CLASS.controller
      // The counter that is the worse; both where they are alike (can_change_state of Linux).
      detail =
        (transmit >= receive ? (TRANSMIT_DETAIL[transmit] as number) : 0) |
        (receive >= transmit ? (RECEIVE_DETAIL[receive] as number) : 0)
    }
    this.#tell(state | (error?.errorClass ?? 0), detail, error)
  }

  #tell(errorClass: number, detail: number, { protocol, location } = { protocol: 0, location: 0 }): void {
    const counters = [Math.min(this.transmitErrors, 255), this.receiveErrors]
    const data = Uint8Array.of(0, detail, protocol, location, 0, 0, ...counters)
    this.report(errorClass | CAN_ERROR_CLASS.counters, data)
  }
}
