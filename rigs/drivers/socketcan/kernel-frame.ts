import type { CanErrorFrame, CanFrame, ReceivedCanFrame } from '../../../reference/ports/can-bus.js'

/** Flags of `canid_t` (linux/can.h). */
export const EFF_FLAG = 0x80000000
export const RTR_FLAG = 0x40000000
export const ERR_FLAG = 0x20000000
/** The same bit in a `can_filter`'s identifier: CAN_INV_FILTER. */
export const INVERTED_FILTER = 0x20000000
/** The identifier, or the error class, without those flags. */
export const ID_MASK = 0x1fffffff

/** Flags of `struct canfd_frame` (linux/can.h), and one of our own. */
export const BRS = 0x01
export const ESI = 0x02
export const FDF = 0x04
export const OWN = 0x80

/** Largest payloads of `struct can_frame` and `struct canfd_frame`, bytes. */
export const CLASSIC_BYTES = 8
export const FD_BYTES = 64

/** A frame as the kernel's structures lay it out; it also stands for error frames. */
export interface KernelFrame {
  /** `canid_t`: identifier and flags, unsigned. */
  readonly canId: number
  /** BRS, ESI, FDF, OWN. */
  readonly flags: number
  /** Of the data; of a remote frame the length that it asks for. */
  readonly length: number
  readonly data: Uint8Array
  readonly timestampUs: number
}

/** @param frame one that `ownFrame` gives; its bytes are copied */
export function kernelFrameOf(frame: CanFrame): KernelFrame {
  const { id, extended, data, remote = false, remoteLength = 0, fd = false } = frame
  return {
    canId: (id | (extended ? EFF_FLAG : 0) | (remote ? RTR_FLAG : 0)) >>> 0,
    flags: fd ? FDF | (frame.bitrateSwitch ? BRS : 0) | (frame.errorStateIndicator ? ESI : 0) : 0,
    length: remote ? remoteLength : data.length,
    data: new Uint8Array(data),
    timestampUs: 0,
  }
}

export const isError = ({ canId }: KernelFrame) => (canId & ERR_FLAG) !== 0

export function receivedFrameOf({ canId, flags, length, data, timestampUs }: KernelFrame): ReceivedCanFrame {
  const remote = (canId & RTR_FLAG) !== 0
  const extended = (canId & EFF_FLAG) !== 0
  return {
    id: canId & (extended ? ID_MASK : 0x7ff),
    extended,
    data,
    ...(remote ? { remote, remoteLength: length } : {}),
    ...(flags & FDF
      ? { fd: true, bitrateSwitch: (flags & BRS) !== 0, errorStateIndicator: (flags & ESI) !== 0 }
      : {}),
    ...(flags & OWN ? { own: true } : {}),
    timestampUs,
  }
}

export function errorFrameOf({ canId, data, timestampUs }: KernelFrame): CanErrorFrame {
  return { errorClass: canId & ID_MASK, data, timestampUs }
}

/** Two frames of the same key are the same on the wire. */
export function contentKey({ canId, flags, length, data }: KernelFrame): string {
  return `${canId},${flags & ~OWN},${length},${Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1')}`
}
