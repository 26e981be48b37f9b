import {
  formatCandumpError,
  formatCandumpFrame,
  parseCandumpFrame,
  type CandumpFrameOptions,
} from './candump-frame.js'
import { CanLogSyntaxError, quoteLine, type CanLogEntry } from './can-log.js'
import { columnOfMismatch } from './log-column.js'
import { microsecondsOf } from './log-time.js'

export { CanLogSyntaxError as CandumpSyntaxError } from './can-log.js'

/**
 * One line as `candump -L` writes it, without a line end: `(sec.usec) can0 123#DEADBEEF`; with a direction, as
 * `candump -L -x` does, ` R` or ` T` follows.
 */
export function formatCandumpLine(entry: CanLogEntry): string {
  return formatCandumpLineFor(entry, {})
}

/** The same for a kernel of either kind. */
export function formatCandumpLineFor(entry: CanLogEntry, options: CandumpFrameOptions): string {
  const us = Math.round(entry.timestampUs)
  const seconds = String(Math.floor(us / 1_000_000)).padStart(10, '0')
  const micros = String(us % 1_000_000).padStart(6, '0')
  const frame = entry.frame ? formatCandumpFrame(entry.frame, options) : formatCandumpError(entry.errorFrame)
  const direction = entry.direction ? (entry.direction === 'rx' ? ' R' : ' T') : ''
  return `(${seconds}.${micros}) ${entry.channel} ${frame}${direction}`
}

/**
 * candump pads the names of several interfaces to one width. python-can writes seconds without leading zeros. Seven
 * digits behind the point are microseconds with a carry of 1 s, as some candump wrote them; nine are nanoseconds (`-N`).
 */
const LINE = /^\s*\((\d{1,10})\.(\d{6}|1\d{6}|\d{9})\)\s+(\S+)\s+(\S+)(?:\s+([RT]))?\s*$/i
/** CAN FD has no remote frames: one with FD flags is the classic request that its R says. */
const FD_REMOTE = /^([0-9A-F]+)##[0-9A-F](R[^]*)$/i
const PARTS = [
  /\s*\(/,
  /\d{1,10}\./,
  /(\d{9}|1\d{6}|\d{6})(?=\))/,
  /\)/,
  /\s+\S+/,
  /\s+\S+/,
  /(\s+[RT])?\s*$/,
]

/** `candump -d` tells of frames that the kernel dropped between the others. */
export const DROP_COUNT = /^DROPCOUNT: /

/**
 * Reads one line of a log of `candump -L`, `candump -l` or python-can.
 * @throws CanLogSyntaxError
 */
export function parseCandumpLine(text: string, line: number): CanLogEntry {
  const match = LINE.exec(text)
  if (!match) {
    throw new CanLogSyntaxError(
      'candump',
      line,
      `expected "(sec.usec) interface ID#DATA", found ${quoteLine(text)}`,
      columnOfMismatch(text, PARTS),
    )
  }
  const [, seconds, fraction = '', channel = '', frame = '', direction] = match
  const place = {
    timestampUs: Number(seconds) * 1_000_000 + microsecondsOf(fraction),
    channel,
    ...(direction ? { direction: /r/i.test(direction) ? ('rx' as const) : ('tx' as const) } : {}),
  }
  if (!Number.isSafeInteger(place.timestampUs)) {
    throw new CanLogSyntaxError('candump', line, `the time ${seconds}.${fraction} is too far away`, 1)
  }
  try {
    return { ...place, ...parseCandumpFrame(frame.replace(FD_REMOTE, '$1#$2')) }
  } catch (cause) {
    const column = text.indexOf(frame, text.indexOf(channel, text.indexOf(')')) + channel.length) + 1
    throw new CanLogSyntaxError('candump', line, (cause as Error).message, column, { cause })
  }
}

/**
 * Reads a whole log of `candump -L` or of `formatCandumpLine`; empty lines and drop counts are passed over.
 * @throws CanLogSyntaxError with the line
 */
export function parseCandumpLog(text: string): CanLogEntry[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '' && !DROP_COUNT.test(line))
    .map(({ line, number }) => parseCandumpLine(line, number))
}
