import { CanFrameNotCarried, MalformedCanFrame, type CanFeatures, type CanFrame } from '../ports/can-bus.js'

/** Largest 11-bit and 29-bit identifiers (ISO 11898-1, 10.4.2). */
export const MAX_STANDARD_ID = 0x7ff
export const MAX_EXTENDED_ID = 0x1fffffff

/** Data lengths that a classic and an FD frame can have, bytes (ISO 11898-1, table 5). */
const CLASSIC_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8]
export const FD_LENGTHS = [...CLASSIC_LENGTHS, 12, 16, 20, 24, 32, 48, 64]

/** How a frame is named in messages, e.g. `0x420` or `0x18DAF110 (29 bit)`. */
export function frameName(frame: { readonly id: number; readonly extended: boolean }): string {
  return `0x${frame.id.toString(16).toUpperCase()}${frame.extended ? ' (29 bit)' : ''}`
}

/** A getter of all typed arrays, as it was before anyone could change it. */
function typedArrayGetter(property: PropertyKey): (bytes: unknown) => unknown {
  const prototype = Object.getPrototypeOf(Uint8Array.prototype) as object
  const descriptor = Object.getOwnPropertyDescriptor(prototype, property) as {
    get: (this: unknown) => unknown
  }
  const getter = descriptor.get
  return (bytes) => getter.call(bytes)
}

const kindOf = typedArrayGetter(Symbol.toStringTag)
const lengthOf = typedArrayGetter('length') as (bytes: Uint8Array) => number

/** What a value is called in a message; runs no code of the value's own. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' || typeof value === 'bigint' ? `a ${typeof value}` : String(value)
}

/** Negative zero is zero. */
const plainZero = <Value>(value: Value): Value | 0 => (value === 0 ? 0 : value)

type FrameHead = Pick<CanFrame, 'id' | 'extended'>

const malformed = (head: FrameHead, problem: string, options?: ErrorOptions) =>
  new MalformedCanFrame(`${frameName(head)}: ${problem}`, options)

function requireFlag(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new MalformedCanFrame(`${name} is ${typeof value}, not true or false`)
  }
}

function requireId(id: unknown, extended: boolean): asserts id is number {
  const maxId = extended ? MAX_EXTENDED_ID : MAX_STANDARD_ID
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= maxId) return
  const range = extended ? '29-bit identifier, 0…0x1FFFFFFF' : '11-bit identifier, 0…0x7FF'
  throw new MalformedCanFrame(`id ${shown(id)} is not an ${range}${extended ? '' : '; is it extended?'}`)
}

/** A frame's fields as a caller without types may have filled them, each read once. */
function fieldsOf(frame: CanFrame): Record<keyof CanFrame, unknown> {
  if (typeof frame !== 'object' || frame === null) throw new MalformedCanFrame('a frame is an object')
  try {
    const { id, extended, data, remote, remoteLength, rawDlc, fd } = frame
    const { bitrateSwitch, errorStateIndicator } = frame
    return { id, extended, data, remote, remoteLength, rawDlc, fd, bitrateSwitch, errorStateIndicator }
  } catch (cause) {
    throw new MalformedCanFrame('a field of the frame cannot be read: its getter throws', { cause })
  }
}

function ownData(head: FrameHead, data: unknown, fd: boolean): Uint8Array {
  // By what it is, not by its prototype or its own properties, which a caller can change.
  if (kindOf(data) !== 'Uint8Array') throw malformed(head, 'data is not a Uint8Array')
  const bytes = data as Uint8Array
  const length = lengthOf(bytes)
  if (!(fd ? FD_LENGTHS : CLASSIC_LENGTHS).includes(length)) {
    throw malformed(head, `${length} bytes do not fit ${fd ? 'an FD' : 'a classic'} frame`)
  }
  try {
    return new Uint8Array(bytes)
  } catch (cause) {
    throw malformed(head, 'the memory of data has been given away', { cause })
  }
}

/**
 * The frame as its bus may keep it: a copy of its own, checked. It stands in front of every driver, since some native
 * drivers abort the process on what it refuses. Each field is read once and it is the copy that is checked, so that
 * nothing a caller passes (getters that answer differently each time, proxies) gets past.
 * @param frame as a caller without types might pass it
 * @throws MalformedCanFrame when no CAN controller could send the frame
 */
export function ownFrame(frame: CanFrame): CanFrame {
  const fields = fieldsOf(frame)
  const { id, extended, remote, remoteLength, rawDlc, fd, bitrateSwitch, errorStateIndicator } = fields
  if (typeof extended !== 'boolean') throw new MalformedCanFrame('extended must be true or false')
  requireFlag('remote', remote)
  requireFlag('fd', fd)
  requireFlag('bitrateSwitch', bitrateSwitch)
  requireFlag('errorStateIndicator', errorStateIndicator)
  requireId(id, extended)
  const own: { -readonly [Field in keyof CanFrame]: CanFrame[Field] } = {
    id: plainZero(id),
    extended,
    data: ownData({ id, extended }, fields.data, fd === true),
  }
  if (remote !== undefined) own.remote = remote as boolean
  if (remoteLength !== undefined) own.remoteLength = plainZero(remoteLength) as number
  if (rawDlc !== undefined) own.rawDlc = rawDlc as number
  if (fd !== undefined) own.fd = fd as boolean
  if (bitrateSwitch !== undefined) own.bitrateSwitch = bitrateSwitch as boolean
  if (errorStateIndicator !== undefined) own.errorStateIndicator = errorStateIndicator as boolean
  requireRemote(own)
  requireRawDlc(own)
  if (!fd && (bitrateSwitch || errorStateIndicator)) {
    throw malformed(own, 'BRS and ESI are bits of CAN FD frames only')
  }
  return own
}

/**
 * For frames that the caller made itself; who takes frames from others keeps what `ownFrame` gives.
 * @throws MalformedCanFrame when no CAN controller could send the frame
 */
export function requireSendable(frame: CanFrame): void {
  ownFrame(frame)
}

function requireRemote(frame: CanFrame): void {
  const { data, remote, remoteLength, fd } = frame
  if (!remote) {
    if (remoteLength !== undefined) throw malformed(frame, 'remoteLength without remote')
    return
  }
  if (fd) throw malformed(frame, 'CAN FD has no remote frames')
  if (data.length > 0) throw malformed(frame, 'a remote frame carries no data')
  if (remoteLength !== undefined && !CLASSIC_LENGTHS.includes(remoteLength)) {
    throw malformed(frame, `remoteLength ${shown(remoteLength)} is not 0…8`)
  }
}

function requireRawDlc(frame: CanFrame): void {
  const { data, remote, remoteLength, rawDlc, fd } = frame
  if (rawDlc === undefined) return
  if (!Number.isInteger(rawDlc) || rawDlc < 9 || rawDlc > 15) {
    throw malformed(frame, `rawDlc ${shown(rawDlc)} is not 9…15`)
  }
  if (fd || (remote ? remoteLength : data.length) !== 8) {
    throw malformed(frame, 'rawDlc is for classic frames of 8 bytes only')
  }
}

/**
 * The second check in front of every driver: what this bus can carry.
 * @param frame one that `ownFrame` gives
 * @throws CanFrameNotCarried
 */
export function requireCarried(frame: CanFrame, features: CanFeatures): void {
  const refuse = (kind: string): never => {
    throw new CanFrameNotCarried(`${frameName(frame)}: this bus (${features.backEnd}) carries no ${kind}`)
  }
  if (frame.fd && !features.fd) refuse('CAN FD frames')
  if (frame.remote && !features.remote) refuse('remote frames')
  if (frame.rawDlc !== undefined && !features.rawDlc) refuse('length codes above 8 in classic frames')
}
