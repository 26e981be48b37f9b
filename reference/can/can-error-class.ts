/** Values of Linux's `can/error.h`, as `CanErrorFrame` uses them. */

/** CAN_ERR_*: what an error frame is about, `CanErrorFrame.errorClass`. */
export const CAN_ERROR_CLASS = {
  lostArbitration: 0x002,
  /** Details in byte 1: CAN_ERROR_CONTROLLER. */
  controller: 0x004,
  /** Details in bytes 2 and 3: CAN_ERROR_PROTOCOL and CAN_ERROR_LOCATION. */
  protocol: 0x008,
  transceiver: 0x010,
  noAcknowledgement: 0x020,
  busOff: 0x040,
  busError: 0x080,
  restarted: 0x100,
  /** Bytes 6 and 7 are the transmit and the receive error counter. */
  counters: 0x200,
} as const

/** CAN_ERR_CRTL_* */
export const CAN_ERROR_CONTROLLER = {
  receiveOverflow: 0x01,
  transmitOverflow: 0x02,
  receiveWarning: 0x04,
  transmitWarning: 0x08,
  receivePassive: 0x10,
  transmitPassive: 0x20,
  /** Back to error-active. */
  active: 0x40,
} as const

/** CAN_ERR_PROT_* */
export const CAN_ERROR_PROTOCOL = {
  bit: 0x01,
  form: 0x02,
  stuff: 0x04,
  /** A recessive bit could not be sent. */
  bit1: 0x10,
  /** On transmission. */
  transmission: 0x80,
} as const

/** CAN_ERR_PROT_LOC_* */
export const CAN_ERROR_LOCATION = {
  unspecified: 0x00,
  crcSequence: 0x08,
  data: 0x0a,
  acknowledgeSlot: 0x19,
  endOfFrame: 0x1a,
  acknowledgeDelimiter: 0x1b,
} as const
