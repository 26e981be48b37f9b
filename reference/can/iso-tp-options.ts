import { FD_LENGTHS } from './can-frame-check.js'
import { systemIsoTpClock, type IsoTpClock } from './iso-tp-clock.js'
import { InvalidIsoTpOption } from './iso-tp-errors.js'
import { CLASSIC_FRAME_BYTES, MAX_ESCAPED_LENGTH, MAX_SHORT_LENGTH } from './iso-tp-frame.js'

export interface IsoTpFdOptions {
  /** TX_DL: how long frames may be, bytes: 8, 12, 16, 20, 24, 32, 48 or 64. */
  readonly txDl: number
  /** BRS: the data phase runs at the data bit rate. */
  readonly bitrateSwitch: boolean
}

export interface IsoTpTransferOptions {
  /** N_As and N_Ar: how long the bus may take over a frame of ours, milliseconds. */
  readonly transmitTimeoutMs: number
  /** Longest message that is sent or taken, bytes: 1…0xFFFFFFFF. Above 4095 the 32-bit length is used. */
  readonly maxBytes: number
  readonly clock: IsoTpClock
}

export interface IsoTpSenderOptions extends IsoTpTransferOptions {
  /** N_Bs: how long to wait for a flow control, milliseconds. */
  readonly flowControlTimeoutMs: number
  /** N_WFTmax of the sending side: how many waits in a row are borne. */
  readonly maxWaitFrames: number
}

export interface IsoTpReceiverOptions extends IsoTpTransferOptions {
  /** N_Cr: how long to wait for the next consecutive frame, milliseconds. */
  readonly consecutiveTimeoutMs: number
  /** Asked of the sender: consecutive frames until the next flow control, 0 for all. */
  readonly blockSize: number
  /** STmin asked of the sender, milliseconds: 0…127, or 0.1…0.9; what lies between is rounded up. */
  readonly separationMs: number
  /** N_WFTmax of the receiving side: how many waits in a row are sent while the link is paused. */
  readonly maxWaitFramesSent: number
  /** Between two of them, milliseconds; shorter than the sender's N_Bs. */
  readonly waitIntervalMs: number
}

export interface IsoTpOptions extends IsoTpSenderOptions, IsoTpReceiverOptions {
  /** Byte that fills frames up to 8 bytes; undefined sends them as short as they are. */
  readonly padding: number | undefined
  /** Sends CAN FD frames; undefined sends classic ones. Both are received. */
  readonly fd: IsoTpFdOptions | undefined
  /**
   * A frame counts as sent once the node hears it itself: for a node that was opened with `receiveOwn`, on a bus whose
   * `send` resolves before the frame is on the wire. Without it the separation time starts when `send` resolves.
   */
  readonly confirmByOwn: boolean
  /** Half: while a message goes one way, what would go the other waits or is ignored (ISO 15765-2, 9.8.3). */
  readonly duplex: 'full' | 'half'
}

/** Timeouts of ISO 15765-2, table 21; padding of ISO 15765-4 (0xCC keeps stuff bits rare). */
export const DEFAULT_ISO_TP: IsoTpOptions = {
  transmitTimeoutMs: 1_000,
  flowControlTimeoutMs: 1_000,
  consecutiveTimeoutMs: 1_000,
  maxWaitFrames: 8,
  maxWaitFramesSent: 8,
  waitIntervalMs: 500,
  blockSize: 8,
  separationMs: 0,
  maxBytes: MAX_SHORT_LENGTH,
  padding: 0xcc,
  fd: undefined,
  confirmByOwn: false,
  duplex: 'full',
  clock: systemIsoTpClock,
}

const MAX_TIMEOUT_MS = 3_600_000

interface Range {
  readonly min: number
  readonly max: number
  readonly whole: boolean
}

const RANGES = {
  transmitTimeoutMs: { min: 1, max: MAX_TIMEOUT_MS, whole: false },
  flowControlTimeoutMs: { min: 1, max: MAX_TIMEOUT_MS, whole: false },
  consecutiveTimeoutMs: { min: 1, max: MAX_TIMEOUT_MS, whole: false },
  waitIntervalMs: { min: 1, max: MAX_TIMEOUT_MS, whole: false },
  maxWaitFrames: { min: 0, max: MAX_ESCAPED_LENGTH, whole: true },
  maxWaitFramesSent: { min: 0, max: MAX_ESCAPED_LENGTH, whole: true },
  blockSize: { min: 0, max: 255, whole: true },
  separationMs: { min: 0, max: 127, whole: false },
  maxBytes: { min: 1, max: MAX_ESCAPED_LENGTH, whole: true },
} as const satisfies Partial<Record<keyof IsoTpOptions, Range>>

function requireInRange(name: string, value: unknown, { min, max, whole }: Range): void {
  const number = typeof value === 'number' ? value : NaN
  if (number >= min && number <= max && (!whole || Number.isInteger(number))) return
  throw new InvalidIsoTpOption(
    `${name} is ${String(value)}, not ${whole ? 'a whole number ' : ''}${min}…${max}`,
  )
}

/**
 * The options with their defaults.
 * @throws InvalidIsoTpOption
 */
export function isoTpOptions(changes: Partial<IsoTpOptions>): IsoTpOptions {
  const options = { ...DEFAULT_ISO_TP, ...changes }
  for (const [name, range] of Object.entries(RANGES)) {
    requireInRange(name, options[name as keyof typeof RANGES], range)
  }
  if (options.padding !== undefined) {
    requireInRange('padding', options.padding, { min: 0, max: 255, whole: true })
  }
  const { fd, duplex } = options
  if (fd && !(FD_LENGTHS.includes(fd.txDl) && fd.txDl >= CLASSIC_FRAME_BYTES)) {
    throw new InvalidIsoTpOption(`fd.txDl is ${String(fd.txDl)}, not 8, 12, 16, 20, 24, 32, 48 or 64`)
  }
  if (duplex !== 'full' && duplex !== 'half') {
    throw new InvalidIsoTpOption(`duplex is ${String(duplex)}, not full or half`)
  }
  return options
}
