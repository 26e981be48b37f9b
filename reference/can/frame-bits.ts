import type { CanFrame } from '../ports/can-bus.js'

/** How many bits of a frame go at each of the two bit rates; only a CAN FD frame with BRS has a data phase. */
export interface FrameBits {
  readonly nominal: number
  /** From ESI to the CRC delimiter, at the data bit rate. */
  readonly data: number
}

const CRC_DELIMITER = 1
const CRC15_BITS = 15
/** ACK slot, ACK delimiter, end of frame (7) and intermission (3): never stuffed, at the nominal rate. */
const BITS_FROM_ACK_SLOT = 1 + 1 + 7 + 3
const CLASSIC_TAIL_BITS = CRC15_BITS + CRC_DELIMITER + BITS_FROM_ACK_SLOT
const BASE_HEADER_BITS = 19
const EXTENDED_HEADER_BITS = 39
/** SOF to BRS. */
const FD_BASE_HEADER_BITS = 17
const FD_EXTENDED_HEADER_BITS = 36
/** ESI and the length code. */
const FD_SECOND_HEADER_BITS = 1 + 4
/** Up to this many bytes an FD frame has CRC-17, above it CRC-21. */
const CRC17_MOST_BYTES = 16
/**
 * The CRC field of an FD frame: four bits of stuff count, the CRC, and a fixed stuff bit before the field and after
 * every fourth bit of it. So the value of the CRC does not change the length (ISO 11898-1:2015, 10.4.2.6 and 10.5).
 */
const CRC17_FIELD_BITS = 4 + 17 + 6
const CRC21_FIELD_BITS = 4 + 21 + 7

/** x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1 (ISO 11898-1, 10.4.2.6). */
const CRC15_POLYNOMIAL = 0x4599

const CRC15_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 7
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x4000 ? (crc << 1) ^ CRC15_POLYNOMIAL : crc << 1
  return crc & 0x7fff
})

const crc15Next = (crc: number, byte: number) =>
  ((crc << 8) ^ (CRC15_TABLE[((crc >> 7) ^ byte) & 0xff] as number)) & 0x7fff

/** The CRC-15 of CAN over whole bytes; it starts at zero, so zero bits in front change nothing. */
export function crc15(bytes: Iterable<number>): number {
  let crc = 0
  for (const byte of bytes) crc = crc15Next(crc, byte)
  return crc
}

/**
 * Stuffing as a machine that eats bytes. Its state is the last bit on the wire (bit 2) and the length of its run less
 * one (bits 1 and 0). After five equal bits the sender inserts one of the other kind, which starts the next run, so no
 * run is longer than four between two bits (ISO 11898-1, 10.5). An entry holds the next state, and above its three
 * bits how many bits were inserted.
 */
const STUFFING = Uint8Array.from({ length: 8 << 8 }, (_, index) => {
  let last = (index >> 10) & 1
  let run = ((index >> 8) & 3) + 1
  let stuffed = 0
  for (let at = 7; at >= 0; at--) {
    const bit = (index >> at) & 1
    run = bit === last ? run + 1 : 1
    last = bit
    if (run < 5) continue
    stuffed++
    run = 1
    last = 1 - bit
  }
  return (stuffed << 3) | (last << 2) | (run - 1)
})

/** @param stuffing the machine's state, and above it how many bits it has inserted so far */
const stuff = (stuffing: number, byte: number): number =>
  (stuffing & ~7) + (STUFFING[((stuffing & 7) << 8) | byte] as number)

/** The state after one recessive bit, as on an idle bus. */
const RECESSIVE = 0b100
const lastBit = (stuffing: number) => (stuffing >> 2) & 1

/**
 * Headers are eaten as whole bytes. What fills the first of them stuffs nothing and ends with a recessive bit, as
 * the bus before a start of frame; for the CRC it is zeros.
 */
const BASE_FILL = 0b1010_1000
const EXTENDED_FILL = 0b1000_0000
const FD_BASE_FILL = 0b1010_1010
const FD_EXTENDED_FILL = 0b0101_0000
/** Before ESI and length code: leads back to the state after a recessive BRS, and after a dominant one. */
const AFTER_BRS_FILL = 0b0010_0000
const AFTER_NO_BRS_FILL = 0b1000_0000

const FD_LENGTHS = [12, 16, 20, 24, 32, 48, 64]

/** The length code (DLC) of a frame on the wire, 0…15. */
export function dataLengthCode({ data: { length }, fd, rawDlc, remote, remoteLength }: CanFrame): number {
  if (fd && length > 8) return 9 + FD_LENGTHS.indexOf(length)
  return rawDlc ?? (remote ? (remoteLength ?? 0) : length)
}

/** Bits from the start of frame to the intermission of a classic frame. */
function classicBits(frame: CanFrame): number {
  const { id, data } = frame
  const lastByte = (frame.remote ? 0x40 : 0) | dataLengthCode(frame) // RTR, r1 or IDE, r0, DLC
  let crc: number
  let stuffing: number
  if (frame.extended) {
    const first = id >>> 23
    const second = ((id >>> 15) & 0xf8) | 0b110 | ((id >>> 17) & 1) // SRR and IDE among id bits
    const fifth = ((id & 1) << 7) | lastByte
    crc = crc15Next(crc15Next(crc15Next(0, first), second), (id >>> 9) & 0xff)
    crc = crc15Next(crc15Next(crc, (id >>> 1) & 0xff), fifth)
    stuffing = stuff(stuff(stuff(RECESSIVE, EXTENDED_FILL | first), second), (id >>> 9) & 0xff)
    stuffing = stuff(stuff(stuffing, (id >>> 1) & 0xff), fifth)
  } else {
    const third = ((id & 1) << 7) | lastByte
    crc = crc15Next(crc15Next(crc15Next(0, id >>> 9), (id >>> 1) & 0xff), third)
    stuffing = stuff(stuff(stuff(RECESSIVE, BASE_FILL | (id >>> 9)), (id >>> 1) & 0xff), third)
  }
  for (let i = 0; i < data.length; i++) {
    const byte = data[i] as number
    crc = crc15Next(crc, byte)
    stuffing = stuff(stuffing, byte)
  }
  stuffing = stuff(stuffing, crc >> 7)
  // The bit that fills the last byte differs from the CRC's last one, so that it completes no run.
  stuffing = stuff(stuffing, ((crc & 0x7f) << 1) | (~crc & 1))
  const headerBits = frame.extended ? EXTENDED_HEADER_BITS : BASE_HEADER_BITS
  return headerBits + 8 * data.length + CLASSIC_TAIL_BITS + (stuffing >> 3)
}

/** SOF to BRS of an FD frame, eaten. */
function fdHeaderStuffing({ id, extended, bitrateSwitch }: CanFrame): number {
  const flags = 0b0100 | (bitrateSwitch ? 1 : 0) // RRS or IDE, FDF, res, BRS
  if (!extended) {
    return stuff(
      stuff(stuff(RECESSIVE, FD_BASE_FILL), id >>> 3),
      ((id & 7) << 5) | flags, // RRS stands before IDE: both dominant
    )
  }
  let stuffing = stuff(stuff(RECESSIVE, FD_EXTENDED_FILL | (id >>> 26)), (id >>> 18) & 0xff)
  stuffing = stuff(stuff(stuffing, 0b1100_0000 | ((id >>> 12) & 0x3f)), (id >>> 4) & 0xff) // SRR, IDE
  return stuff(stuffing, ((id & 0xf) << 4) | flags)
}

function fdBits(frame: CanFrame): FrameBits {
  const { data, extended, bitrateSwitch, errorStateIndicator } = frame
  const header = fdHeaderStuffing(frame)
  let lastByte =
    (bitrateSwitch ? AFTER_BRS_FILL : AFTER_NO_BRS_FILL) |
    (errorStateIndicator ? 0x10 : 0) |
    dataLengthCode(frame)
  let stuffing = stuff(header & 7, lastByte)
  for (let i = 0; i < data.length; i++) stuffing = stuff(stuffing, (lastByte = data[i] as number))
  // A bit that would be stuffed right before the CRC field is the field's first fixed stuff bit itself.
  const merged = lastBit(stuffing) === (lastByte & 1) ? 0 : 1
  const first = (extended ? FD_EXTENDED_HEADER_BITS : FD_BASE_HEADER_BITS) + (header >> 3)
  const second =
    FD_SECOND_HEADER_BITS +
    8 * data.length +
    (stuffing >> 3) -
    merged +
    (data.length > CRC17_MOST_BYTES ? CRC21_FIELD_BITS : CRC17_FIELD_BITS) +
    CRC_DELIMITER
  return bitrateSwitch
    ? { nominal: first + BITS_FROM_ACK_SLOT, data: second }
    : { nominal: first + second + BITS_FROM_ACK_SLOT, data: 0 }
}

/**
 * How long a frame holds the bus, with its stuff bits and the three bits of intermission. The rate is switched at the
 * sample points of BRS and of the CRC delimiter; where both rates have the same sample point, BRS as a whole nominal
 * bit and the delimiter as a whole data bit give the same time (ISO 11898-1:2015, 10.4.2.1).
 * @param frame one that `ownFrame` gives
 */
export function phaseBits(frame: CanFrame): FrameBits {
  return frame.fd ? fdBits(frame) : { nominal: classicBits(frame), data: 0 }
}

/**
 * How long a frame holds the bus, in bits of either phase together.
 * @param frame one that `ownFrame` gives
 */
export function frameBits(frame: CanFrame): number {
  if (!frame.fd) return classicBits(frame)
  const { nominal, data } = fdBits(frame)
  return nominal + data
}
