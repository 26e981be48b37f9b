import { CAN_ERROR_CLASS } from '../../../reference/can/can-error-class.js'
import { frameBits } from '../../../reference/can/frame-bits.js'
import type { CanErrorFrame, CanFrame } from '../../../reference/ports/can-bus.js'
import type { MemoryCanNode } from './memory-can.js'

/** Microseconds of one bit at 500 kbit/s. */
export const BIT_US = 2

export const frame = (
  id: number,
  bytes: readonly number[] = [],
  changes: Partial<CanFrame> = {},
): CanFrame => ({
  ...{ id, extended: false, data: Uint8Array.from(bytes) },
  ...changes,
})

export const durationUs = (of: CanFrame) => frameBits(of) * BIT_US

/** An error frame in words: its classes, byte 1, and the counters. */
export function inWords({ errorClass, data }: CanErrorFrame): string {
  const classes = Object.entries(CAN_ERROR_CLASS)
    .filter(([name, bit]) => name !== 'counters' && (errorClass & bit) !== 0)
    .map(([name]) => name)
  return `${classes.join('+')} ${(data[1] ?? 0).toString(16)} ${data[6]}/${data[7]}`
}

export function errorsOf(node: MemoryCanNode): CanErrorFrame[] {
  const errors: CanErrorFrame[] = []
  node.onErrorFrame((error) => errors.push(error))
  return errors
}

export function idsHeardBy(node: MemoryCanNode): number[] {
  const ids: number[] = []
  node.onFrame(({ id }) => ids.push(id))
  return ids
}

export const counters = ({ controller }: MemoryCanNode) => [
  controller.state,
  controller.transmitErrors,
  controller.receiveErrors,
]
