import type { DbcSignalLayout } from './dbc-model.js'

/** Of the bit that is `fromLeast` bits above a signal's least significant one: byte × 8 + bit in the byte. */
function bitPosition({ startBit, bitLength, byteOrder }: DbcSignalLayout, fromLeast: number): number {
  if (byteOrder === 'intel') return startBit + fromLeast
  // Motorola start bits name the most significant bit and run downwards in a byte, then on to bit 7 of the next one.
  const wireOrder = startBit - (startBit % 8) + (7 - (startBit % 8)) + (bitLength - 1 - fromLeast)
  return wireOrder - (wireOrder % 8) + (7 - (wireOrder % 8))
}

/** Where a signal's bits lie in a frame, least significant first: byte × 8 + bit in the byte. */
export function signalBits(layout: DbcSignalLayout): number[] {
  return Array.from({ length: layout.bitLength }, (_, fromLeast) => bitPosition(layout, fromLeast))
}

/** The index of the last byte in the frame that holds a bit of the signal. */
export function lastByteOf(layout: DbcSignalLayout): number {
  const last = bitPosition(layout, layout.byteOrder === 'intel' ? layout.bitLength - 1 : 0)
  return Math.floor(last / 8)
}

/** Up to 32 bits of a signal that follow each other, ready to be read and written byte by byte. */
export interface BitRun {
  /** Index of the byte that holds the most significant bits. */
  readonly most: number
  /** To the byte of the next less significant bits. */
  readonly step: 1 | -1
  readonly bytes: number
  /** Bits of the most significant byte that belong to the run. */
  readonly topMask: number
  /** Bits of the least significant byte that lie below the run. */
  readonly shift: number
  /** 2 ** shift */
  readonly divisor: number
  /** Whether the bytes fit 32 bits together. */
  readonly small: boolean
}

/** @param count 1…32 bits, from the one that is `fromLeast` above the least significant */
export function bitRun(layout: DbcSignalLayout, fromLeast: number, count: number): BitRun {
  const low = bitPosition(layout, fromLeast)
  const high = bitPosition(layout, fromLeast + count - 1)
  const [lowByte, highByte] = [Math.floor(low / 8), Math.floor(high / 8)]
  const shift = low % 8
  return {
    most: highByte,
    step: layout.byteOrder === 'intel' ? -1 : 1,
    bytes: Math.abs(highByte - lowByte) + 1,
    topMask: 2 ** ((high % 8) + 1) - 1,
    shift,
    divisor: 2 ** shift,
    small: count + shift <= 32,
  }
}

/** The run's bits as an unsigned number. */
export function readRun(data: Uint8Array, run: BitRun): number {
  const { step, bytes } = run
  let at = run.most
  let value = (data[at] as number) & run.topMask
  if (run.small) {
    for (let n = 1; n < bytes; n++) {
      at += step
      value = (value << 8) | (data[at] as number)
    }
    return value >>> run.shift
  }
  // Five bytes: 40 bits, which a double holds.
  for (let n = 1; n < bytes; n++) {
    at += step
    value = value * 256 + (data[at] as number)
  }
  return Math.floor(value / run.divisor)
}

/** Sets the run's bits, and no others. @param value 0 ≤ value < 2 ** count */
export function writeRun(data: Uint8Array, run: BitRun, value: number): void {
  const { step, bytes, shift, topMask } = run
  let at = run.most + step * (bytes - 1)
  let rest = value * run.divisor
  let mask = 0xff & ~((1 << shift) - 1)
  for (let n = bytes; n > 0; n--) {
    if (n === 1) mask &= topMask
    data[at] = ((data[at] as number) & ~mask) | (rest & mask)
    rest = Math.floor(rest / 256)
    mask = 0xff
    at -= step
  }
}
