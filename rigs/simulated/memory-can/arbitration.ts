import type { CanFrame } from '../../../reference/ports/can-bus.js'

/**
 * The arbitration field as a number: where two frames start together, the lower one wins (ISO 11898-1, 10.4.2.2).
 * So a base frame beats an extended one with the same first 11 bits, and a data frame its remote request.
 */
export function arbitrationValue({ id, extended, remote }: CanFrame): number {
  const request = remote ? 1 : 0
  if (!extended) return id * 2 ** 21 + request * 2 ** 20
  return Math.floor(id / 2 ** 18) * 2 ** 21 + 2 ** 20 + 2 ** 19 + (id % 2 ** 18) * 2 + request
}
