import { CanFrameNotCarried, type CanFrame } from '../ports/can-bus.js'
import { frameName, MAX_EXTENDED_ID, MAX_STANDARD_ID } from './can-frame-check.js'
import { hex, hexNumber, refuse } from './slcan-digits.js'

/** A time stamp counts milliseconds, and starts again after a minute (LAWICEL CANUSB manual, command Z). */
export const SLCAN_STAMP_PERIOD_MS = 60_000

/** Data bytes of the length codes 0…15 of CAN FD (ISO 11898-1, table 5). */
const FD_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64]
const HEX_BYTES = Array.from({ length: 256 }, (_, byte) => hex(byte, 2))

interface FrameKind {
  readonly extended: boolean
  readonly remote?: true
  readonly fd?: true
  readonly bitrateSwitch?: true
}

/** t, T, r, R are LAWICEL's; d, D, b, B are the FD frames of CANable 2.0's firmware. */
const KINDS: Readonly<Record<string, FrameKind>> = {
  t: { extended: false },
  T: { extended: true },
  r: { extended: false, remote: true },
  R: { extended: true, remote: true },
  d: { extended: false, fd: true },
  D: { extended: true, fd: true },
  b: { extended: false, fd: true, bitrateSwitch: true },
  B: { extended: true, fd: true, bitrateSwitch: true },
}
const KIND_OF_BYTE = new Map(Object.entries(KINDS).map(([letter, kind]) => [letter.charCodeAt(0), kind]))

function letterOf({ extended, remote, fd, bitrateSwitch }: CanFrame): string {
  const letter = fd ? (bitrateSwitch ? 'b' : 'd') : remote ? 'r' : 't'
  return extended ? letter.toUpperCase() : letter
}

/**
 * @param frame one that `ownFrame` gives
 * @param stampMs 0…59,999; left out where time stamps are off
 * @returns the line without its CR
 * @throws CanFrameNotCarried for what the lines have no place for: length codes above 8 in classic frames, and ESI
 */
export function encodeSlcanFrame(frame: CanFrame, stampMs?: number): string {
  const { id, extended, data, remote, remoteLength = 0 } = frame
  if (frame.rawDlc !== undefined) {
    throw new CanFrameNotCarried(`${frameName(frame)}: SLCAN has no length codes above 8 in classic frames`)
  }
  if (frame.errorStateIndicator) {
    throw new CanFrameNotCarried(`${frameName(frame)}: SLCAN has no place for the ESI bit of FD frames`)
  }
  let line = letterOf(frame) + hex(id, extended ? 8 : 3)
  line += hex(frame.fd ? FD_LENGTHS.indexOf(data.length) : remote ? remoteLength : data.length, 1)
  for (const byte of data) line += HEX_BYTES[byte] as string
  return stampMs === undefined ? line : line + hex(stampMs, 4)
}

export interface SlcanFrame {
  readonly frame: CanFrame
  /** 0…59,999. */
  readonly stampMs?: number
}

export const isSlcanFrame = (line: Uint8Array) => KIND_OF_BYTE.has(line[0] ?? 0)

/**
 * @param line without its CR, of a kind that `isSlcanFrame` knows
 * @throws InvalidSlcanLine
 */
export function decodeSlcanFrame(line: Uint8Array): SlcanFrame {
  const kind = KIND_OF_BYTE.get(line[0] ?? 0)
  if (!kind) return refuse('unknown-kind', line, 'it is no frame')
  const idDigits = kind.extended ? 8 : 3
  const dataAt = 1 + idDigits + 1
  if (line.length < dataAt) refuse('bad-length', line, 'it ends before its length code')
  const id = hexNumber(line, 1, idDigits)
  if (id > (kind.extended ? MAX_EXTENDED_ID : MAX_STANDARD_ID)) {
    refuse('bad-id', line, `0x${hex(id, 3)} is not ${kind.extended ? 29 : 11} bits long`)
  }
  const code = hexNumber(line, dataAt - 1, 1)
  if (!kind.fd && code > 8) refuse('bad-dlc', line, `length code ${code} of a classic frame is not 0…8`)
  const bytes = kind.remote ? 0 : (FD_LENGTHS[code] as number)
  const end = dataAt + 2 * bytes
  if (line.length !== end && line.length !== end + 4) {
    refuse('bad-length', line, `${line.length} characters, not ${end}, nor ${end + 4} with a time stamp`)
  }
  const data = new Uint8Array(bytes)
  for (let i = 0; i < bytes; i++) data[i] = hexNumber(line, dataAt + 2 * i, 2)
  const frame: CanFrame = { id, ...kind, data, ...(kind.remote && { remoteLength: code }) }
  return line.length === end ? { frame } : { frame, stampMs: stampAt(line, end) }
}

function stampAt(line: Uint8Array, at: number): number {
  const stampMs = hexNumber(line, at, 4)
  if (stampMs >= SLCAN_STAMP_PERIOD_MS) refuse('bad-timestamp', line, `time stamp ${stampMs} is not 0…59999`)
  return stampMs
}
