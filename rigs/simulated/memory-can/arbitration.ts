import { dataLengthCode } from '../../../reference/can/frame-bits.js'
import type { CanFrame } from '../../../reference/ports/can-bus.js'

/**
 * The arbitration field as a number: where two frames start together, the lower one wins (ISO 11898-1, 10.4.2.2).
 * So a base frame beats an extended one with the same first 11 bits, and a data frame its remote request. An FD frame
 * has no remote request: in its place is RRS, always dominant.
 */
export function arbitrationValue({ id, extended, remote }: CanFrame): number {
  const request = remote ? 1 : 0
  if (!extended) return id * 2 ** 21 + request * 2 ** 20
  return Math.floor(id / 2 ** 18) * 2 ** 21 + 2 ** 20 + 2 ** 19 + (id % 2 ** 18) * 2 + request
}

/** FDF, BRS, ESI and length code: what follows the arbitration field, most significant first. */
const control = (frame: CanFrame) =>
  (frame.fd ? 64 : 0) +
  (frame.bitrateSwitch ? 32 : 0) +
  (frame.errorStateIndicator ? 16 : 0) +
  dataLengthCode(frame)

const sharedBytes = (a: Uint8Array, b: Uint8Array): number => {
  const at = a.findIndex((byte, i) => byte !== b[i])
  return at < 0 ? a.length : at
}

/**
 * Two frames with the same arbitration field: negative where the first difference behind it finds `a` dominant, so
 * that the sender of `b` sees a bit error; 0 where both are the same, so that neither sender notices the other.
 */
export function contentOrder(a: CanFrame, b: CanFrame): number {
  const difference = control(a) - control(b)
  if (difference !== 0) return difference
  const at = sharedBytes(a.data, b.data)
  return (a.data[at] ?? 0) - (b.data[at] ?? 0)
}

/** Bits of SOF, identifier and control field, of any frame; the few that FD has more do not matter here. */
const HEADER_BITS = { base: 19, extended: 39 } as const

/**
 * After how many bits the senders of two frames with the same arbitration field notice each other; stuff bits are left
 * out, and a byte that differs is counted whole.
 */
export function bitsToCollision(a: CanFrame, b: CanFrame): number {
  const header = a.extended ? HEADER_BITS.extended : HEADER_BITS.base
  return control(a) === control(b) ? header + 8 * (sharedBytes(a.data, b.data) + 1) : header
}
