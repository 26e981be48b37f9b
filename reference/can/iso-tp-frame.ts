import { FD_LENGTHS } from './can-frame-check.js'

/**
 * Frames of ISO 15765-2:2016, clause 9: the protocol control information and what follows. Normal, extended and mixed
 * addressing differ in the bytes in front of it; classic CAN and CAN FD in how long a frame (CAN_DL) may be.
 */
export type IsoTpFrame = IsoTpSingle | IsoTpFirst | IsoTpConsecutive | IsoTpFlowControl

export interface IsoTpSingle {
  readonly kind: 'single'
  readonly data: Uint8Array
}

export interface IsoTpFirst {
  readonly kind: 'first'
  /** FF_DL: bytes of the whole message. */
  readonly length: number
  readonly data: Uint8Array
  /** RX_DL: how long this frame is, and every consecutive one but the last. */
  readonly frameBytes: number
}

export interface IsoTpConsecutive {
  readonly kind: 'consecutive'
  readonly sequence: number
  /** With the padding, if there is any. */
  readonly data: Uint8Array
  /** CAN_DL. */
  readonly frameBytes: number
}

export interface IsoTpFlowControl {
  readonly kind: 'flow-control'
  /** 0 continue, 1 wait, 2 overflow; anything else is invalid. */
  readonly status: number
  /** Consecutive frames until the next flow control; 0: all of them. */
  readonly blockSize: number
  /** STmin, the shortest pause between two consecutive frames, microseconds: 0…127 ms whole, or 100…900 µs. */
  readonly separationUs: number
}

export const FLOW_CONTINUE = 0
export const FLOW_WAIT = 1
export const FLOW_OVERFLOW = 2

/** Longest payload that a first frame's 12-bit length announces, bytes; longer ones take the 32-bit escape. */
export const MAX_SHORT_LENGTH = 4_095
export const MAX_ESCAPED_LENGTH = 0xffff_ffff
export const CLASSIC_FRAME_BYTES = 8
/** What fills FD frames up to a length that exists, where no padding is asked for (ISO 15765-2, 10.4.2.2). */
const MANDATORY_PADDING = 0xcc

/** STmin (9.6.5.5): 0x00–0x7F are milliseconds, 0xF1–0xF9 are 100–900 µs, the rest is reserved and means 127 ms. */
function separationOf(byte: number): number {
  if (byte <= 0x7f) return byte * 1_000
  return byte >= 0xf1 && byte <= 0xf9 ? (byte - 0xf0) * 100 : 127_000
}

/** The shortest separation that can be asked for and is not shorter than this one. */
function separationByte(separationUs: number): number {
  if (separationUs > 0 && separationUs <= 900) return 0xf0 + Math.ceil(separationUs / 100)
  return Math.min(0x7f, Math.ceil(separationUs / 1_000))
}

/** The shortest length of a frame, of those that exist, that holds `bytes` (0…64). */
function frameLengthFor(bytes: number): number {
  return FD_LENGTHS.find((length) => length >= bytes) ?? 64
}

/** Longest payload of a single frame whose length is `frameBytes` (table 12: SF_DL in a byte of its own above 8). */
export function singleCapacity(frameBytes: number, addressBytes: number): number {
  return frameBytes - addressBytes - (frameBytes > CLASSIC_FRAME_BYTES ? 2 : 1)
}

/** Payload that a first frame carries of a message of `length` bytes. */
export function firstCapacity(length: number, frameBytes: number, addressBytes: number): number {
  return frameBytes - addressBytes - (length > MAX_SHORT_LENGTH ? 6 : 2)
}

export function consecutiveCapacity(frameBytes: number, addressBytes: number): number {
  return frameBytes - addressBytes - 1
}

function controlInformation(frame: IsoTpFrame, addressBytes: number): number[] {
  switch (frame.kind) {
    case 'single': {
      const { length } = frame.data
      return length <= singleCapacity(CLASSIC_FRAME_BYTES, addressBytes) ? [length] : [0, length]
    }
    case 'first': {
      const { length } = frame
      if (length <= MAX_SHORT_LENGTH) return [0x10 | (length >> 8), length & 0xff]
      return [0x10, 0, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff]
    }
    case 'consecutive':
      return [0x20 | frame.sequence]
    case 'flow-control':
      return [0x30 | frame.status, frame.blockSize, separationByte(frame.separationUs)]
  }
}

/**
 * A frame's data.
 * @param padding byte that fills the frame up to 8 bytes; undefined sends it as short as it is. Above 8 bytes a frame
 *   is always filled up to the next length that exists, and no further.
 * @param address the bytes in front: none with normal addressing
 */
export function encodeIsoTpFrame(
  frame: IsoTpFrame,
  padding: number | undefined,
  address: readonly number[] = [],
): Uint8Array {
  const head = [...address, ...controlInformation(frame, address.length)]
  const content = frame.kind === 'flow-control' ? [] : frame.data
  const used = head.length + content.length
  const shortest = padding === undefined ? used : Math.max(used, CLASSIC_FRAME_BYTES)
  const length = frameLengthFor(shortest)
  const data = new Uint8Array(length)
  if (used < length) data.fill(padding ?? MANDATORY_PADDING, used)
  data.set(head)
  data.set(content, head.length)
  return data
}

/**
 * Reads a frame's data; undefined for what the standard tells a receiver to ignore: an unknown kind, a length that
 * does not fit the frame (9.6.2.2, 9.6.3.2), a flow control without all its bytes.
 * @param addressBytes how many bytes stand in front of the protocol control information
 * @returns views of `data`, not copies
 */
export function decodeIsoTpFrame(data: Uint8Array, addressBytes: 0 | 1 = 0): IsoTpFrame | undefined {
  const head = data[addressBytes]
  if (head === undefined || !FD_LENGTHS.includes(data.length)) return undefined
  const low = head & 0x0f
  switch (head >> 4) {
    case 0:
      return decodeSingle(data, addressBytes, low)
    case 1:
      return decodeFirst(data, addressBytes, low)
    case 2: {
      const content = data.subarray(addressBytes + 1)
      if (content.length === 0) return undefined
      return { kind: 'consecutive', sequence: low, data: content, frameBytes: data.length }
    }
    case 3: {
      const [blockSize, separation] = data.subarray(addressBytes + 1)
      if (blockSize === undefined || separation === undefined) return undefined
      return { kind: 'flow-control', status: low, blockSize, separationUs: separationOf(separation) }
    }
    default:
      return undefined
  }
}

/**
 * 9.6.2.2: a frame of up to 8 bytes is either padded to 8 or as short as its payload; a longer one has its length in a
 * byte of its own, and no shorter frame would have held it (tables 13 and 14).
 */
function decodeSingle(data: Uint8Array, addressBytes: number, low: number): IsoTpSingle | undefined {
  const capacity = singleCapacity(data.length, addressBytes)
  if (data.length <= CLASSIC_FRAME_BYTES) {
    if (low === 0 || low > capacity || (data.length < CLASSIC_FRAME_BYTES && low < capacity)) return undefined
    return { kind: 'single', data: data.subarray(addressBytes + 1, addressBytes + 1 + low) }
  }
  const length = data[addressBytes + 1] ?? 0
  const shorter = FD_LENGTHS[FD_LENGTHS.indexOf(data.length) - 1] ?? 0
  if (low !== 0 || length > capacity || length <= singleCapacity(shorter, addressBytes)) return undefined
  return { kind: 'single', data: data.subarray(addressBytes + 2, addressBytes + 2 + length) }
}

/** 9.6.3.2: at least 8 bytes long, for a message that no single frame of that length would have held (FF_DLmin). */
function decodeFirst(data: Uint8Array, addressBytes: number, low: number): IsoTpFirst | undefined {
  if (data.length < CLASSIC_FRAME_BYTES) return undefined
  const view = new DataView(data.buffer, data.byteOffset + addressBytes)
  const short = (low << 8) | view.getUint8(1)
  const length = short === 0 ? view.getUint32(2) : short
  if (short === 0 && length <= MAX_SHORT_LENGTH) return undefined
  if (length <= singleCapacity(data.length, addressBytes)) return undefined
  const content = data.length - firstCapacity(length, data.length, addressBytes)
  return { kind: 'first', length, data: data.subarray(content), frameBytes: data.length }
}
