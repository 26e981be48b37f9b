import type { CanFrame } from '../ports/can-bus.js'

/** x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1 (ISO 11898-1, 10.4.2.6). */
const CRC15_POLYNOMIAL = 0x4599

/** CRC delimiter, ACK slot, ACK delimiter, end of frame (7) and intermission (3): never stuffed. */
const UNSTUFFED_TAIL_BITS = 1 + 1 + 1 + 7 + 3

/** The CRC-15 of CAN over bits, first bit first. */
export function crc15(bits: readonly number[]): number {
  let crc = 0
  for (const bit of bits) {
    const invert = bit ^ (crc >> 14)
    crc = (crc << 1) & 0x7fff
    if (invert) crc ^= CRC15_POLYNOMIAL
  }
  return crc
}

function append(bits: number[], value: number, count: number): void {
  for (let i = count - 1; i >= 0; i--) bits.push((value >>> i) & 1)
}

/** From the start of frame to the last data bit, as the controller computes its CRC over it. */
function headerAndData(frame: CanFrame): number[] {
  const bits = [0]
  const remote = frame.remote ? 1 : 0
  if (frame.extended) {
    append(bits, frame.id >>> 18, 11)
    bits.push(1, 1) // SRR, IDE
    append(bits, frame.id & 0x3ffff, 18)
    bits.push(remote, 0, 0) // RTR, r1, r0
  } else {
    append(bits, frame.id, 11)
    bits.push(remote, 0, 0) // RTR, IDE, r0
  }
  append(bits, frame.remote ? (frame.remoteLength ?? 0) : frame.data.length, 4)
  for (const byte of frame.data) append(bits, byte, 8)
  return bits
}

/** After five equal bits the sender inserts one of the other kind, which itself starts the next run. */
function stuffBits(bits: readonly number[]): number {
  let stuffed = 0
  let run = 0
  let last = -1
  for (const bit of bits) {
    run = bit === last ? run + 1 : 1
    last = bit
    if (run === 5) {
      stuffed++
      run = 1
      last = 1 - bit
    }
  }
  return stuffed
}

/**
 * How long a classic frame holds the bus, in bits, with its stuff bits and the three bits of intermission.
 * @param frame one that `requireSendable` passes; not FD
 */
export function frameBits(frame: CanFrame): number {
  const bits = headerAndData(frame)
  append(bits, crc15(bits), 15)
  return bits.length + stuffBits(bits) + UNSTUFFED_TAIL_BITS
}
