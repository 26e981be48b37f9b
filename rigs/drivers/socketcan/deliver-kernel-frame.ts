import { CAN_ERROR_CLASS, CAN_ERROR_CONTROLLER } from '../../../reference/can/can-error-class.js'
import type { CanReception } from '../../../reference/can/can-reception.js'
import { errorFrameOf, isError, receivedFrameOf, type KernelFrame } from './kernel-frame.js'

/** Hands a node's listeners what came from the kernel: frames, error frames, and what these say was lost. */
export function deliverKernelFrame(reception: CanReception, frame: KernelFrame): void {
  if (!isError(frame)) return reception.deliver(receivedFrameOf(frame))
  const error = errorFrameOf(frame)
  const overflown =
    error.errorClass & CAN_ERROR_CLASS.controller &&
    (error.data[1] ?? 0) & CAN_ERROR_CONTROLLER.receiveOverflow
  // The controller had no room for at least one frame, and cannot say how many.
  if (overflown) reception.countLost(1, false)
  reception.deliverError(error)
}
