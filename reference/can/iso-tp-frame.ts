/** Frames of ISO 15765-2 on classic CAN with normal addressing: the protocol control information and what follows. */
export type IsoTpFrame =
  | { readonly kind: 'single'; readonly data: Uint8Array }
  | { readonly kind: 'first'; readonly length: number; readonly data: Uint8Array }
  | { readonly kind: 'consecutive'; readonly sequence: number; readonly data: Uint8Array }
  | IsoTpFlowControl

export interface IsoTpFlowControl {
  readonly kind: 'flow-control'
  /** 0 continue, 1 wait, 2 overflow; anything else is invalid. */
  readonly status: number
  /** Consecutive frames until the next flow control; 0: all of them. */
  readonly blockSize: number
  /** Shortest pause between two consecutive frames, milliseconds: 0…127, or 0.1…0.9. */
  readonly separationMs: number
}

export const FLOW_CONTINUE = 0
export const FLOW_WAIT = 1
export const FLOW_OVERFLOW = 2

/** Longest payload that a first frame with a 12-bit length can announce, bytes. */
export const MAX_ISO_TP_BYTES = 4095
export const SINGLE_FRAME_BYTES = 7
export const FIRST_FRAME_BYTES = 6
export const CONSECUTIVE_FRAME_BYTES = 7

/** STmin (9.6.5.4): 0x00–0x7F are milliseconds, 0xF1–0xF9 are 100–900 µs, the rest is reserved and means 127 ms. */
function separationOf(byte: number): number {
  if (byte <= 0x7f) return byte
  return byte >= 0xf1 && byte <= 0xf9 ? (byte - 0xf0) / 10 : 0x7f
}

function separationByte(ms: number): number {
  if (ms > 0 && ms < 1) return 0xf0 + Math.min(9, Math.max(1, Math.ceil(ms * 10)))
  return Math.min(0x7f, Math.ceil(ms))
}

function bytesOf(frame: IsoTpFrame): number[] {
  switch (frame.kind) {
    case 'single':
      return [frame.data.length, ...frame.data]
    case 'first':
      return [0x10 | (frame.length >> 8), frame.length & 0xff, ...frame.data]
    case 'consecutive':
      return [0x20 | frame.sequence, ...frame.data]
    case 'flow-control':
      return [0x30 | frame.status, frame.blockSize, separationByte(frame.separationMs)]
  }
}

/**
 * A frame's data.
 * @param padding byte that fills the frame up to 8 bytes; undefined sends it as short as it is
 */
export function encodeIsoTpFrame(frame: IsoTpFrame, padding: number | undefined): Uint8Array {
  const bytes = bytesOf(frame)
  if (padding === undefined) return Uint8Array.from(bytes)
  const data = new Uint8Array(8).fill(padding)
  data.set(bytes)
  return data
}

/**
 * Reads a frame's data; undefined for what the standard tells a receiver to ignore: an unknown kind, a length that
 * does not fit the frame (9.6.2.2, 9.6.3.2). The escape for lengths above 4095 reads as a length of 0xFFFFFFFF at most.
 */
export function decodeIsoTpFrame(data: Uint8Array): IsoTpFrame | undefined {
  const [head, second, third] = data
  if (head === undefined) return undefined
  const low = head & 0x0f
  switch (head >> 4) {
    case 0:
      if (low === 0 || low > SINGLE_FRAME_BYTES || low > data.length - 1) return undefined
      return { kind: 'single', data: data.slice(1, 1 + low) }
    case 1: {
      if (data.length < 8 || second === undefined) return undefined
      const length = (low << 8) | second
      if (length === 0) {
        const escaped = new DataView(data.buffer, data.byteOffset + 2, 4).getUint32(0)
        return escaped > MAX_ISO_TP_BYTES
          ? { kind: 'first', length: escaped, data: data.slice(6, 8) }
          : undefined
      }
      return length > SINGLE_FRAME_BYTES ? { kind: 'first', length, data: data.slice(2, 8) } : undefined
    }
    case 2:
      return data.length > 1 ? { kind: 'consecutive', sequence: low, data: data.slice(1) } : undefined
    case 3:
      if (second === undefined || third === undefined) return undefined
      return { kind: 'flow-control', status: low, blockSize: second, separationMs: separationOf(third) }
    default:
      return undefined
  }
}
