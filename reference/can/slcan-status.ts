import type { CanErrorFrame } from '../ports/can-bus.js'

/** The bits behind F (LAWICEL CANUSB manual). Reading them clears them. */
export const SLCAN_STATUS = {
  /** Frames came while the queue to the host was full, and are gone. */
  receiveQueueFull: 0x01,
  sendQueueFull: 0x02,
  errorWarning: 0x04,
  /** The controller's own buffer overran: frames are gone. */
  dataOverrun: 0x08,
  errorPassive: 0x20,
  arbitrationLost: 0x40,
  busError: 0x80,
} as const

/** Flags by which an adapter says that it has lost frames; it does not say how many. */
export const SLCAN_LOSS = SLCAN_STATUS.receiveQueueFull | SLCAN_STATUS.dataOverrun

const {
  receiveQueueFull,
  sendQueueFull,
  errorWarning,
  dataOverrun,
  errorPassive,
  arbitrationLost,
  busError,
} = SLCAN_STATUS

/** Classes of Linux's can/error.h, and what byte 1 says of the controller. */
const ERROR = { arbitrationLost: 0x02, controller: 0x04, busOff: 0x40, busError: 0x80 }
const CONTROLLER = { receiveOverflow: 0x01, sendOverflow: 0x02, warning: 0x0c, passive: 0x30, active: 0x40 }

/** States last, events do not: a state is told when it comes and goes, an event each time. */
const STATES = errorWarning | errorPassive

/**
 * What the flags tell, as an error frame. They do not say which error counter is high: both directions are marked.
 * @param before the flags that were read before these
 * @returns nothing where there is nothing new
 */
export function slcanErrorFrame(
  flags: number,
  before: number,
): Omit<CanErrorFrame, 'timestampUs'> | undefined {
  const events = flags & ~STATES
  const states = flags & STATES
  let errorClass = 0
  let controller = 0
  if (events & (receiveQueueFull | dataOverrun)) controller |= CONTROLLER.receiveOverflow
  if (events & sendQueueFull) controller |= CONTROLLER.sendOverflow
  if (states !== (before & STATES)) {
    if (states & errorPassive) controller |= CONTROLLER.passive
    else if (states & errorWarning) controller |= CONTROLLER.warning
    else controller |= CONTROLLER.active
  }
  if (controller) errorClass |= ERROR.controller
  if (events & arbitrationLost) errorClass |= ERROR.arbitrationLost
  if (events & busError) errorClass |= ERROR.busError
  if (errorClass === 0) return undefined
  return { errorClass, data: Uint8Array.of(0, controller, 0, 0, 0, 0, 0, 0) }
}

/** The flags by which an adapter passes on what its controller reports. */
export function slcanStatusOf({ errorClass, data }: Pick<CanErrorFrame, 'errorClass' | 'data'>): number {
  const controller = errorClass & ERROR.controller ? (data[1] ?? 0) : 0
  let flags = 0
  if (controller & CONTROLLER.receiveOverflow) flags |= dataOverrun
  if (controller & CONTROLLER.warning) flags |= errorWarning
  if (controller & CONTROLLER.passive) flags |= errorPassive
  if (errorClass & ERROR.arbitrationLost) flags |= arbitrationLost
  if (errorClass & ERROR.busOff) flags |= busError | errorPassive
  // CAN_ERR_PROT 0x08 and CAN_ERR_ACK 0x20 are bus errors to an SJA1000 too.
  if (errorClass & (ERROR.busError | 0x28)) flags |= busError
  return flags
}
