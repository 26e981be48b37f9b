import type { CanErrorFrame, CanFrame } from '../ports/can-bus.js'
import { UsageFault } from '../ports/faults.js'

/** The formats that are written; `candump-text`, what candump prints without `-L`, is read as well. */
export const CAN_LOG_FORMATS = ['candump', 'asc', 'trc'] as const
export type CanLogFormat = (typeof CAN_LOG_FORMATS)[number]
export type ReadableCanLogFormat = CanLogFormat | 'candump-text'

interface CanLogPlace {
  /** Whole microseconds since the Unix epoch, or since the start of a bus that knows no date. */
  readonly timestampUs: number
  /** Name of the interface, e.g. `can0`. */
  readonly channel: string
  /** Left out where nobody wrote it down. */
  readonly direction?: 'rx' | 'tx'
}

export interface CanLogFrameEntry extends CanLogPlace {
  readonly frame: CanFrame
  readonly errorFrame?: never
}

export interface CanLogErrorEntry extends CanLogPlace {
  readonly errorFrame: Omit<CanErrorFrame, 'timestampUs'>
  readonly frame?: never
}

/** One frame of a log, whatever the format. */
export type CanLogEntry = CanLogFrameEntry | CanLogErrorEntry

/** What of an entry a format may be unable to carry; `frame` and `errorFrame` stand for the whole of it. */
export type CanLogField =
  'timestampUs' | 'channel' | 'direction' | 'rawDlc' | 'errorClass' | 'errorData' | 'frame' | 'errorFrame'

/** What an entry loses in a format. */
export interface CanLogLoss {
  readonly field: CanLogField
  /** What happens instead, for a human. */
  readonly problem: string
  /** True where the entry cannot be written at all. */
  readonly drops: boolean
}

/** Thrown by a writer for an entry that its format cannot carry as it is; nothing was written. */
export class NotCarriedByLog extends UsageFault {
  override readonly name = 'NotCarriedByLog'
  constructor(
    readonly format: CanLogFormat,
    readonly field: CanLogField,
    problem: string,
  ) {
    super(`${format} log: ${field}: ${problem}`)
  }
}

/** Thrown for a text that is no log of its format. Lines and columns count from 1. */
export class CanLogSyntaxError extends UsageFault {
  override readonly name = 'CanLogSyntaxError'
  constructor(
    readonly format: ReadableCanLogFormat | 'unknown',
    readonly line: number,
    /** What is wrong, without the place. */
    readonly problem: string,
    readonly column = 1,
    options?: ErrorOptions,
  ) {
    super(`${format} log, line ${line}, column ${column}: ${problem}`, options)
  }
}

/** What of a line a message shows: lines of a file that is no log may be long. */
export function quoteLine(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

/** What a line has in a place, for a message. */
export const foundWord = (word: string): string => (word === '' ? 'the end of the line' : quoteLine(word))

export const hexBytes = (data: Uint8Array, between = '') =>
  Array.from(data, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(between)

const bytesEqual = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, i) => byte === b[i])

/** Whether two frames are the same on the wire; what is left out counts as false or 0. */
function sameFrame(a: CanFrame, b: CanFrame): boolean {
  return (
    a.id === b.id &&
    a.extended === b.extended &&
    bytesEqual(a.data, b.data) &&
    !a.remote === !b.remote &&
    (a.remoteLength ?? 0) === (b.remoteLength ?? 0) &&
    a.rawDlc === b.rawDlc &&
    !a.fd === !b.fd &&
    !a.bitrateSwitch === !b.bitrateSwitch &&
    !a.errorStateIndicator === !b.errorStateIndicator
  )
}

/** Whether two entries say the same. */
export function sameCanLogEntry(a: CanLogEntry, b: CanLogEntry): boolean {
  if (a.timestampUs !== b.timestampUs || a.channel !== b.channel || a.direction !== b.direction) return false
  if (a.frame && b.frame) return sameFrame(a.frame, b.frame)
  if (!a.errorFrame || !b.errorFrame) return false
  return (
    a.errorFrame.errorClass === b.errorFrame.errorClass && bytesEqual(a.errorFrame.data, b.errorFrame.data)
  )
}

/** Reads a log line by line, as it comes. */
export interface CanLogReader {
  readonly format: ReadableCanLogFormat
  /** What was passed over, and how often, by kind: comments, statistics, other events. */
  readonly skipped: ReadonlyMap<string, number>
  /**
   * @param line its number, for errors
   * @returns undefined for a line that holds no frame
   * @throws CanLogSyntaxError
   */
  read(text: string, line: number): CanLogEntry | undefined
}
