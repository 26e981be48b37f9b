import type { CanFrame } from '../ports/can-bus.js'
import { requireSendable } from './can-frame-check.js'

/** One line of a candump log. */
export interface CandumpEntry {
  readonly frame: CanFrame
  /** Microseconds since the Unix epoch or since the start of the bus. */
  readonly timestampUs: number
  /** Name of the interface, e.g. `can0`. */
  readonly channel: string
}

/** Thrown for a line that `candump -L` would not write. */
export class CandumpSyntaxError extends Error {
  override readonly name = 'CandumpSyntaxError'
  constructor(
    readonly line: number,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`candump log, line ${line}: ${problem}`, options)
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase()

function dataField({ data, remote, remoteLength, fd }: CanFrame): string {
  if (fd) return `##0${hex(data)}`
  if (remote) return `#R${remoteLength ? String(remoteLength) : ''}`
  return `#${hex(data)}`
}

/** One line as `candump -L` writes it: `(sec.usec) can0 123#DEADBEEF`, without a line end. */
export function formatCandumpLine({ frame, timestampUs, channel }: CandumpEntry): string {
  const us = Math.round(timestampUs)
  const seconds = String(Math.floor(us / 1_000_000)).padStart(10, '0')
  const id = frame.id
    .toString(16)
    .toUpperCase()
    .padStart(frame.extended ? 8 : 3, '0')
  return `(${seconds}.${String(us % 1_000_000).padStart(6, '0')}) ${channel} ${id}${dataField(frame)}`
}

/** A direction (`R` or `T`) may follow the frame, as newer candumps write it. */
const LINE = /^\((\d+)\.(\d{6})\) (\S+) ([0-9A-F]{8}|[0-9A-F]{3})#(#[0-9A-F])?([0-9A-FR]*)(?: [RT])?$/i

function parseLine(text: string, line: number): CandumpEntry {
  const [, seconds, micros, channel, id, fdFlags, field] = LINE.exec(text) ?? []
  if (id === undefined || field === undefined || channel === undefined) {
    throw new CandumpSyntaxError(
      line,
      `expected "(sec.usec) interface ID#DATA", found ${JSON.stringify(text)}`,
    )
  }
  const head = { id: Number.parseInt(id, 16), extended: id.length === 8 }
  const remote = /^R([0-8])?$/i.exec(field)
  if (!remote && !/^([0-9A-F]{2})*$/i.test(field)) {
    throw new CandumpSyntaxError(line, `data ${JSON.stringify(field)} is not pairs of hex digits or R`)
  }
  const frame: CanFrame = remote
    ? { ...head, data: new Uint8Array(0), remote: true, remoteLength: Number(remote[1] ?? 0) }
    : { ...head, data: new Uint8Array(Buffer.from(field, 'hex')), ...(fdFlags ? { fd: true } : {}) }
  try {
    requireSendable(frame)
  } catch (cause) {
    throw new CandumpSyntaxError(line, (cause as Error).message, { cause })
  }
  return { frame, timestampUs: Number(seconds) * 1_000_000 + Number(micros), channel }
}

/**
 * Reads a log of `candump -L` or of `formatCandumpLine`; empty lines are passed over.
 * @throws CandumpSyntaxError with the line
 */
export function parseCandumpLog(text: string): CandumpEntry[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => parseLine(line, number))
}
