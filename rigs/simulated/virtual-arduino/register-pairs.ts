import { SREG } from './status-flags.js'

/** The stack pointer's address in the data space. */
export const STACK_POINTER = 93

/** Two registers as one number, the lower first. */
export function pair(data: Uint8Array, low: number): number {
  return (data[low] as number) | ((data[low + 1] as number) << 8)
}

export function setPair(data: Uint8Array, low: number, value: number): void {
  data[low] = value
  data[low + 1] = value >> 8
}

/** Pushes the address, in words, at which a call goes on. */
export function pushAddress(data: Uint8Array, address: number): void {
  const top = pair(data, STACK_POINTER)
  data[top] = address
  data[top - 1] = address >> 8
  setPair(data, STACK_POINTER, top - 2)
}

export function addToPair(data: Uint8Array, low: number, addend: number): void {
  const before = pair(data, low)
  const after = (before + addend) & 0xffff
  setPair(data, low, after)
  pairFlags(data, after, ~before & after, before & ~after)
}

export function subtractFromPair(data: Uint8Array, low: number, subtrahend: number): void {
  const before = pair(data, low)
  const after = (before - subtrahend) & 0xffff
  setPair(data, low, after)
  pairFlags(data, after, before & ~after, ~before & after)
}

function pairFlags(data: Uint8Array, after: number, overflow: number, carry: number): void {
  const negative = (after & 0x8000) !== 0
  const overflows = (overflow & 0x8000) !== 0
  data[SREG] =
    ((data[SREG] as number) & 0xe0) |
    (after === 0 ? 2 : 0) |
    (negative ? 4 : 0) |
    (overflows ? 8 : 0) |
    (negative !== overflows ? 0x10 : 0) |
    (carry & 0x8000 ? 1 : 0)
}
