/**
 * Bits a second of S0…S8 (LAWICEL CANUSB manual, command S). Some firmware and python-can have 750,000 for S7, and an
 * S9 of their own: these are not the protocol's.
 */
export const SLCAN_BITRATES: readonly number[] = [
  10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000,
]

/** Bits a second of the data phase by the digit after Y, as CANable 2.0's firmware has them. */
export const SLCAN_DATA_BITRATES: Readonly<Record<number, number>> = {
  0: 500_000,
  1: 1_000_000,
  2: 2_000_000,
  4: 4_000_000,
  5: 5_000_000,
  8: 8_000_000,
}

/** Of the SJA1000 in a LAWICEL adapter: a crystal of 16 MHz, halved. */
const SJA1000_HZ = 8_000_000

/** Bits a second that the SJA1000's bus timing registers set (data sheet, 6.5.1 and 6.5.2). */
export function sja1000Bitrate(btr0: number, btr1: number): number {
  const prescaler = (btr0 & 0x3f) + 1
  const quanta = 1 + (btr1 & 0x0f) + 1 + ((btr1 >> 4) & 0x07) + 1
  return SJA1000_HZ / (prescaler * quanta)
}
