/** The status register's flags after an instruction (AVR Instruction Set Manual, DS40002198): I T H S V N Z C. */

/** Its address in the data space. */
export const SREG = 95

/** S is N exclusive-or V. */
function withSign(sreg: number): number {
  return ((sreg >> 2) ^ (sreg >> 3)) & 1 ? sreg | 0x10 : sreg
}

/** @returns the result */
export function logicFlags(data: Uint8Array, result: number, overflows = false): number {
  const kept = (data[SREG] as number) & 0xe1
  data[SREG] = withSign(kept | (result ? 0 : 2) | (result & 0x80 ? 4 : 0) | (overflows ? 8 : 0))
  return result
}

/**
 * A shift to the right; V is N exclusive-or C.
 * @param top what comes in as bit 7
 * @returns the result
 */
export function shiftFlags(data: Uint8Array, value: number, top: number): number {
  const result = (value >> 1) | top
  const carry = value & 1
  const negative = top ? 1 : 0
  const kept = (data[SREG] as number) & 0xe0
  data[SREG] = withSign(kept | carry | (result ? 0 : 2) | (negative << 2) | ((negative ^ carry) << 3))
  return result
}

/**
 * @param carries 1: the carry is added, too; 0: it is not
 * @returns the sum, a byte
 */
export function sumFlags(data: Uint8Array, a: number, b: number, carries: number): number {
  const sreg = data[SREG] as number
  const sum = a + b + (sreg & carries)
  const result = sum & 0xff
  const out = (a & b) | (b & ~result) | (~result & a)
  data[SREG] = withSign(
    (sreg & 0xc0) |
      (result ? 0 : 2) |
      (result & 0x80 ? 4 : 0) |
      ((result ^ b) & (result ^ a) & 0x80 ? 8 : 0) |
      (sum >> 8) |
      (out & 8 ? 0x20 : 0),
  )
  return result
}

/**
 * @param borrows 1: the carry is subtracted, too, and a result of zero leaves Z as it was; 0: neither
 * @returns the difference, a byte
 */
export function differenceFlags(data: Uint8Array, a: number, b: number, borrows: number): number {
  const sreg = data[SREG] as number
  const difference = a - b - (sreg & borrows)
  const result = difference & 0xff
  const out = (~a & b) | (b & result) | (result & ~a)
  data[SREG] = withSign(
    (sreg & 0xc0) |
      (result ? 0 : borrows ? sreg & 2 : 2) |
      (result & 0x80 ? 4 : 0) |
      ((a ^ b) & (a ^ result) & 0x80 ? 8 : 0) |
      (difference < 0 ? 1 : 0) |
      (out & 8 ? 0x20 : 0),
  )
  return result
}
