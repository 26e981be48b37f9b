import { MalformedCanFrame, type CanFrame } from '../ports/can-bus.js'
import { requireSendable } from './can-frame-check.js'
import { hexBytes } from './can-log.js'

/** Flags of struct canfd_frame (linux/can.h). */
const CANFD_BRS = 0x01
const CANFD_ESI = 0x02
const CANFD_FDF = 0x04
/** linux/can.h: set in the id of an error frame. */
const CAN_ERR_FLAG = 0x2000_0000
const CAN_ERR_MASK = 0x1fff_ffff
/** linux/can/error.h, CAN_ERR_DLC: an error frame always has 8 bytes. */
export const ERROR_FRAME_BYTES = 8

export interface CandumpFrameOptions {
  /**
   * Whether FD frames show the FDF bit in their flags. candump prints the flags as the kernel hands them out: with
   * FDF on current kernels (seen on 6.1: `##4`, `##5…`), without on older ones (`##0`, `##1…`). True unless told.
   */
  readonly fdfFlag?: boolean
}

const idDigits = (id: number, extended: boolean) =>
  id
    .toString(16)
    .toUpperCase()
    .padStart(extended ? 8 : 3, '0')

const rawDlcSuffix = (rawDlc: number | undefined) =>
  rawDlc === undefined ? '' : `_${rawDlc.toString(16).toUpperCase()}`

/** A frame as candump's log and cansend have it, e.g. `123#DEADBEEF`, `00000123#R4`, `123##5AABB`. */
export function formatCandumpFrame(frame: CanFrame, { fdfFlag = true }: CandumpFrameOptions = {}): string {
  const id = idDigits(frame.id, frame.extended)
  if (frame.remote) return `${id}#R${frame.remoteLength || ''}${rawDlcSuffix(frame.rawDlc)}`
  const data = hexBytes(frame.data)
  if (!frame.fd) return `${id}#${data}${rawDlcSuffix(frame.rawDlc)}`
  const flags =
    (frame.bitrateSwitch ? CANFD_BRS : 0) |
    (frame.errorStateIndicator ? CANFD_ESI : 0) |
    (fdfFlag ? CANFD_FDF : 0)
  return `${id}##${flags.toString(16)}${data}`
}

export function formatCandumpError(errorFrame: {
  readonly errorClass: number
  readonly data: Uint8Array
}): string {
  return `${idDigits((errorFrame.errorClass & CAN_ERR_MASK) + CAN_ERR_FLAG, true)}#${hexBytes(errorFrame.data)}`
}

/** What a frame's text says: a frame, or an error frame. */
export type CandumpFrame =
  | { readonly frame: CanFrame }
  | { readonly errorFrame: { readonly errorClass: number; readonly data: Uint8Array } }

const REMOTE = /^R(?:([0-8])(?:_([9A-F]))?)?$/i
/** A point may stand between bytes, as cansend lets people write them. */
const DATA = /^([0-9A-F]{2}(?:\.?[0-9A-F]{2})*\.?)?(?:_([9A-F]))?$/i

const dataBytes = (hex: string | undefined) =>
  new Uint8Array(Buffer.from((hex ?? '').replaceAll('.', ''), 'hex'))

/**
 * Reads a frame as candump writes it and as cansend takes it.
 * @throws MalformedCanFrame
 */
export function parseCandumpFrame(text: string): CandumpFrame {
  const [, id, field] = /^([0-9A-F]{8}|[0-9A-F]{3})#(.*)$/is.exec(text) ?? []
  if (id === undefined || field === undefined) {
    throw new MalformedCanFrame(
      `${JSON.stringify(text.slice(0, 80))} is no frame: 3 or 8 hex digits and # must begin it, as in 123#DEADBEEF or 1F334455#R4`,
    )
  }
  const number = Number.parseInt(id, 16)
  if (id.length === 8 && number >= CAN_ERR_FLAG && number <= CAN_ERR_FLAG + CAN_ERR_MASK) {
    return { errorFrame: { errorClass: number - CAN_ERR_FLAG, data: errorData(text, field) } }
  }
  const frame = { id: number, extended: id.length === 8, ...content(text, field) }
  requireSendable(frame)
  return { frame }
}

function errorData(text: string, field: string): Uint8Array {
  const match = DATA.exec(field)
  // python-can writes error frames without their data.
  const data = field === '' ? new Uint8Array(ERROR_FRAME_BYTES) : dataBytes(match?.[1])
  if (!match || match[2] !== undefined || data.length !== ERROR_FRAME_BYTES) {
    throw new MalformedCanFrame(`${text.slice(0, 80)}: an error frame has ${ERROR_FRAME_BYTES} bytes`)
  }
  return data
}

function content(text: string, field: string): Omit<CanFrame, 'id' | 'extended'> {
  if (field.startsWith('#')) {
    const [, flags = '', hex] = /^#([0-9A-F])\.?((?:[0-9A-F]{2}\.?)*)$/i.exec(field) ?? []
    if (flags === '') {
      throw new MalformedCanFrame(`${text.slice(0, 80)}: a flag digit and pairs of hex digits must follow ##`)
    }
    const bits = Number.parseInt(flags, 16)
    return {
      data: dataBytes(hex),
      fd: true,
      ...(bits & CANFD_BRS ? { bitrateSwitch: true } : {}),
      ...(bits & CANFD_ESI ? { errorStateIndicator: true } : {}),
    }
  }
  const remote = REMOTE.exec(field)
  if (remote) {
    const remoteLength = Number(remote[1] ?? 0)
    return { data: new Uint8Array(0), remote: true, remoteLength, ...rawDlc(remote[2]) }
  }
  const data = DATA.exec(field)
  if (!data) {
    throw new MalformedCanFrame(
      `${text.slice(0, 80)}: the data is neither pairs of hex digits, nor R and a length`,
    )
  }
  return { data: dataBytes(data[1]), ...rawDlc(data[2]) }
}

const rawDlc = (digit: string | undefined) =>
  digit === undefined ? {} : { rawDlc: Number.parseInt(digit, 16) }
