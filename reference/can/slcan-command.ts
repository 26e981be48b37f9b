import type { CanFrame } from '../ports/can-bus.js'
import { SLCAN_BITRATES, SLCAN_DATA_BITRATES, sja1000Bitrate } from './slcan-bitrates.js'
import { hexNumber, refuse, requireLength } from './slcan-digits.js'
import { decodeSlcanFrame, isSlcanFrame } from './slcan-frame.js'

/** What a host asks of an adapter. */
export type SlcanCommand =
  | { readonly kind: 'frame'; readonly frame: CanFrame }
  /** S0…S8, or s with the SJA1000's registers: bits a second. */
  | { readonly kind: 'bitrate'; readonly bitrate: number }
  | { readonly kind: 'data-bitrate'; readonly bitrate: number }
  | { readonly kind: 'open'; readonly listenOnly: boolean }
  | { readonly kind: 'close' }
  | { readonly kind: 'timestamps'; readonly on: boolean }
  | { readonly kind: 'status' | 'version' | 'serial-number' }
  /** A lone CR, by which hosts end what an earlier one may have left half said. */
  | { readonly kind: 'nothing' }

const PLAIN: Readonly<Record<string, SlcanCommand>> = {
  O: { kind: 'open', listenOnly: false },
  L: { kind: 'open', listenOnly: true },
  C: { kind: 'close' },
  F: { kind: 'status' },
  V: { kind: 'version' },
  N: { kind: 'serial-number' },
}

const WITH_VALUE: Readonly<Record<string, (line: Uint8Array) => SlcanCommand>> = {
  S(line) {
    requireLength(line, 2)
    const bitrate = SLCAN_BITRATES[hexNumber(line, 1, 1)]
    return bitrate === undefined ? refuse('bad-value', line, 'not S0…S8') : { kind: 'bitrate', bitrate }
  },
  s(line) {
    requireLength(line, 5)
    return { kind: 'bitrate', bitrate: sja1000Bitrate(hexNumber(line, 1, 2), hexNumber(line, 3, 2)) }
  },
  Y(line) {
    requireLength(line, 2)
    const bitrate = SLCAN_DATA_BITRATES[hexNumber(line, 1, 1)]
    if (bitrate === undefined) return refuse('bad-value', line, 'not Y0, Y1, Y2, Y4, Y5 or Y8')
    return { kind: 'data-bitrate', bitrate }
  },
  Z(line) {
    requireLength(line, 2)
    const value = hexNumber(line, 1, 1)
    return value > 1 ? refuse('bad-value', line, 'not Z0 or Z1') : { kind: 'timestamps', on: value === 1 }
  },
}

/**
 * @param line a host's, without its CR
 * @throws InvalidSlcanLine
 */
export function decodeSlcanCommand(line: Uint8Array): SlcanCommand {
  if (line.length === 0) return { kind: 'nothing' }
  if (isSlcanFrame(line)) {
    const { frame, stampMs } = decodeSlcanFrame(line)
    return stampMs === undefined
      ? { kind: 'frame', frame }
      : refuse('bad-length', line, 'a host puts no time stamp behind its frames')
  }
  const letter = String.fromCharCode(line[0] as number)
  const plain = Object.hasOwn(PLAIN, letter) ? PLAIN[letter] : undefined
  if (plain) {
    requireLength(line, 1)
    return plain
  }
  const read = Object.hasOwn(WITH_VALUE, letter) ? WITH_VALUE[letter] : undefined
  return read ? read(line) : refuse('unknown-kind', line, 'no command of an SLCAN adapter')
}
