import { hexNumber, refuse, requireLength } from './slcan-digits.js'
import { decodeSlcanFrame, isSlcanFrame, type SlcanFrame } from './slcan-frame.js'
import { printable } from './slcan-line.js'

/** What an adapter says to its host; a BEL, its "no", is no line. */
export type SlcanAnswer =
  | ({ readonly kind: 'frame' } & SlcanFrame)
  /** A lone CR. */
  | { readonly kind: 'done' }
  /** `z` or `Z`: a frame of 11 or 29 bits was taken to be sent. */
  | { readonly kind: 'taken'; readonly extended: boolean }
  /** 0…255, see `slcan-status.ts`. */
  | { readonly kind: 'status'; readonly flags: number }
  /** Most say V and four digits (hardware, software), some say more. */
  | { readonly kind: 'version'; readonly text: string }
  | { readonly kind: 'serial-number'; readonly text: string }

/**
 * @param line an adapter's, without its CR
 * @throws InvalidSlcanLine
 */
export function decodeSlcanAnswer(line: Uint8Array): SlcanAnswer {
  if (line.length === 0) return { kind: 'done' }
  if (isSlcanFrame(line)) return { kind: 'frame', ...decodeSlcanFrame(line) }
  switch (String.fromCharCode(line[0] as number)) {
    case 'z':
    case 'Z':
      requireLength(line, 1)
      return { kind: 'taken', extended: line[0] === 0x5a }
    case 'F':
      requireLength(line, 3)
      return { kind: 'status', flags: hexNumber(line, 1, 2) }
    case 'V':
      return { kind: 'version', text: printable(line.subarray(1)) }
    case 'N':
      return { kind: 'serial-number', text: printable(line.subarray(1)) }
    default:
      return refuse('unknown-kind', line, 'no answer of an SLCAN adapter')
  }
}
