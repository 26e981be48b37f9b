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

function requireFlag(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new MalformedCanFrame(`${name} is ${typeof value}, not true or false`)
  }
}

/**
 * Stands in front of every driver, since some native drivers abort the process on what it refuses.
 * @param frame checked as a caller without types might pass it
 * @throws MalformedCanFrame when no CAN controller could send the frame
 */
export function requireSendable(frame: CanFrame): void {
  if (typeof frame !== 'object' || frame === null) throw new MalformedCanFrame('a frame is an object')
  const { id, extended, data, remote, fd } = frame
  if (typeof extended !== 'boolean') throw new MalformedCanFrame('extended must be true or false')
  requireFlag('remote', remote)
  requireFlag('fd', fd)
  requireFlag('bitrateSwitch', frame.bitrateSwitch)
  requireFlag('errorStateIndicator', frame.errorStateIndicator)
  const maxId = extended ? MAX_EXTENDED_ID : MAX_STANDARD_ID
  if (!Number.isInteger(id) || id < 0 || id > maxId) {
    const range = extended ? '29-bit identifier, 0…0x1FFFFFFF' : '11-bit identifier, 0…0x7FF'
    throw new MalformedCanFrame(`id ${String(id)} is not an ${range}${extended ? '' : '; is it extended?'}`)
  }
  const name = frameName(frame)
  if (!(data instanceof Uint8Array)) throw new MalformedCanFrame(`${name}: data is not a Uint8Array`)
  if (!(fd ? FD_LENGTHS : CLASSIC_LENGTHS).includes(data.length)) {
    throw new MalformedCanFrame(
      `${name}: ${data.length} bytes do not fit ${fd ? 'an FD' : 'a classic'} frame`,
    )
  }
  requireRemote(name, frame)
  requireRawDlc(name, frame)
  if (!fd && (frame.bitrateSwitch || frame.errorStateIndicator)) {
    throw new MalformedCanFrame(`${name}: BRS and ESI are bits of CAN FD frames only`)
  }
}

function requireRemote(name: string, { data, remote, remoteLength, fd }: CanFrame): void {
  if (!remote) {
    if (remoteLength !== undefined) throw new MalformedCanFrame(`${name}: remoteLength without remote`)
    return
  }
  if (fd) throw new MalformedCanFrame(`${name}: CAN FD has no remote frames`)
  if (data.length > 0) throw new MalformedCanFrame(`${name}: a remote frame carries no data`)
  if (remoteLength !== undefined && !CLASSIC_LENGTHS.includes(remoteLength)) {
    throw new MalformedCanFrame(`${name}: remoteLength ${String(remoteLength)} is not 0…8`)
  }
}

function requireRawDlc(name: string, { data, remote, remoteLength, rawDlc, fd }: CanFrame): void {
  if (rawDlc === undefined) return
  if (!Number.isInteger(rawDlc) || rawDlc < 9 || rawDlc > 15) {
    throw new MalformedCanFrame(`${name}: rawDlc ${String(rawDlc)} is not 9…15`)
  }
  if (fd || (remote ? remoteLength : data.length) !== 8) {
    throw new MalformedCanFrame(`${name}: rawDlc is for classic frames of 8 bytes only`)
  }
}

/**
 * The second check in front of every driver: what this bus can carry.
 * @param frame one that `requireSendable` passes
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
