/**
 * The CRCs of AUTOSAR's "Specification of CRC Routines" that E2E profiles 1 and 5 use. A register goes in and comes
 * out without any final XOR, so that a CRC can run over several pieces.
 */

function crcTable(width: 8 | 16, polynomial: number): Uint16Array {
  const top = 1 << (width - 1)
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let register = byte << (width - 8)
    for (let bit = 0; bit < 8; bit++)
      register = (register & top) === 0 ? register << 1 : (register << 1) ^ polynomial
    return register & ((1 << width) - 1)
  })
}

const J1850 = crcTable(8, 0x1d)
const CCITT = crcTable(16, 0x1021)

/** One more piece through the register of a CRC-8 SAE J1850 (polynomial 0x1D, not reflected). */
export function updateCrc8(register: number, data: Iterable<number>): number {
  let crc = register
  for (const byte of data) crc = J1850[(crc ^ byte) & 0xff] as number
  return crc
}

/** One more piece through the register of a CRC-16 CCITT-FALSE (polynomial 0x1021, not reflected). */
export function updateCrc16(register: number, data: Iterable<number>): number {
  let crc = register
  for (const byte of data) crc = ((crc << 8) & 0xff00) ^ (CCITT[((crc >> 8) ^ byte) & 0xff] as number)
  return crc
}

/** CRC-8 SAE J1850: start value and final XOR 0xFF. */
export function crc8SaeJ1850(data: Iterable<number>): number {
  return updateCrc8(0xff, data) ^ 0xff
}

/** CRC-16 CCITT-FALSE: start value 0xFFFF, no final XOR. */
export function crc16CcittFalse(data: Iterable<number>): number {
  return updateCrc16(0xffff, data)
}
