import { requireSendable } from './can-frame-check.js'
import { CanLogSyntaxError, quoteLine, type CanLogEntry } from './can-log.js'
import { columnOfMismatch } from './log-column.js'
import { microsecondsOf, Skipped } from './log-time.js'
import type { CanFrame } from '../ports/can-bus.js'

/**
 * What candump prints for people: an optional time (`-t a|z|d`, with a date `-t A`), interface, `-x` columns, id,
 * length (`{F}`: the length code, `-8`), data, which may be binary (`-i`) or last byte first (`-S`, with `` ` `` between
 * the bytes), and as text (`-a`). FD frames have two digits of length, classic ones one.
 */
const LINE =
  /^\s*(?:\((?:(\d{4}-\d\d-\d\d) )?(\d+(?::\d\d:\d\d)?)\.(\d{6}|1\d{6}|\d{9})\)\s+)?(\S+)\s+(?:([RT]X) ([-B]) ([-E])\s+)?([0-9A-F]{8}|[0-9A-F]{3})\s+(?:\[(\d{1,2})\]|\{([0-9A-F])\})(?:\s+(remote request|(?:[0-9A-F]{2}[\s`]?)*))?(?:\s+['`].*['`])?(?:\s+ERRORFRAME)?\s*$/i

/** A time, interface, `-x` columns, id, length, data and what follows it. */
const PARTS = [
  /\s*(\((\d{4}-\d\d-\d\d )?\d+(:\d\d:\d\d)?\.(\d{6}|1\d{6}|\d{9})\)(?=\s))?/,
  /\s*[^\s(]\S*/,
  /(\s+[RT]X [-B] [-E])?/,
  /\s+([0-9A-F]{8}|[0-9A-F]{3})(?=\s)/,
  /\s+(\[\d{1,2}\]|\{[0-9A-F]\})/,
  /(\s+remote request|(\s+[0-9A-F]{2}|\s*`[0-9A-F]{2}|\s+[01]{8})*)(?=\s|$)/,
  /(\s+['`].*['`])?(\s+ERRORFRAME)?\s*$/,
]

/** candump -e explains an error frame on lines of their own, which begin with a tab. */
const EXPLANATION = /^\t/

/** Colours of candump -c. */
const COLOURS = /\x1B\[[0-9;]*m/g

/** A line as it was before candump -c coloured it. */
export function withoutColours(text: string): string {
  return text.includes('\x1B') ? text.replace(COLOURS, '') : text
}

interface CandumpTextOptions {
  /** Minutes by which the clock of dates (`-t A`), which name no zone, was ahead of UTC; 0 unless told. */
  readonly utcOffsetMinutes?: number
}

/** Reads candump's output without `-L` line by line. Lines without a time stamp get 0. */
export class CandumpTextReader {
  readonly skipped = new Skipped()
  readonly #offsetUs: number
  #lastUs = 0

  constructor({ utcOffsetMinutes = 0 }: CandumpTextOptions = {}) {
    this.#offsetUs = utcOffsetMinutes * 60_000_000
  }

  /** @throws CanLogSyntaxError */
  read(text: string, line: number): CanLogEntry | undefined {
    if (EXPLANATION.test(text)) return this.skipped.count('explanations of error frames')
    const plain = withoutColours(text)
    const fail = (problem: string, cause?: unknown): never => {
      throw new CanLogSyntaxError('candump-text', line, problem, columnOfMismatch(plain, PARTS), { cause })
    }
    const match = LINE.exec(plain)
    if (!match) return fail(`expected "can0  123   [2]  11 22", found ${quoteLine(text)}`)
    const [, date, time, micros, channel = '', direction, brs, esi, id = '', length, code, content = ''] =
      match
    const timestampUs = this.#time(date, time, micros)
    if (!Number.isSafeInteger(timestampUs) || timestampUs < 0) return fail('the time is out of range')
    const place = {
      timestampUs,
      channel,
      ...(direction ? { direction: /r/i.test(direction) ? ('rx' as const) : ('tx' as const) } : {}),
    }
    const dlc = code === undefined ? Number(length) : Number.parseInt(code, 16)
    const bytes = code === undefined ? dlc : Math.min(dlc, 8)
    const remote = /^remote/i.test(content)
    const data = remote ? new Uint8Array(0) : bytesOf(content, bytes)
    if (!remote && data.length !== bytes) fail(`[${bytes}] does not match ${data.length} bytes`)
    const number = Number.parseInt(id, 16)
    if (/ERRORFRAME/i.test(text)) {
      if (number < 0x2000_0000 || data.length !== 8)
        fail('an error frame has an id above 20000000 and 8 bytes')
      return { ...place, errorFrame: { errorClass: number % 0x2000_0000, data } }
    }
    const frame: CanFrame = {
      id: number,
      extended: id.length === 8,
      data,
      ...(remote ? { remote: true, remoteLength: bytes } : {}),
      ...(code !== undefined && dlc > 8 ? { rawDlc: dlc } : {}),
      ...(length?.length === 2 ? { fd: true } : {}),
      ...(brs === 'B' ? { bitrateSwitch: true } : {}),
      ...(esi === 'E' ? { errorStateIndicator: true } : {}),
    }
    try {
      requireSendable(frame)
    } catch (cause) {
      fail((cause as Error).message, cause)
    }
    return { ...place, frame }
  }

  #time(date: string | undefined, time: string | undefined, micros: string | undefined): number {
    if (time === undefined) return 0
    const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
    const dayUs = date === undefined ? 0 : Date.parse(`${date}T00:00:00Z`) * 1_000 - this.#offsetUs
    const timestampUs = dayUs + seconds * 1_000_000 + microsecondsOf(micros ?? '')
    if (timestampUs < this.#lastUs) this.skipped.count('times before the one above (candump -t d?)')
    this.#lastUs = timestampUs
    return timestampUs
  }
}

/** @param count how many are announced: 8 binary digits are one byte where that fits it, else four */
function bytesOf(content: string, count: number): Uint8Array {
  const words = content.split(/[\s`]+/).filter((word) => word !== '')
  const binary = words.length === count && words.every((word) => /^[01]{8}$/.test(word))
  const data = binary
    ? Uint8Array.from(words, (word) => Number.parseInt(word, 2))
    : new Uint8Array(Buffer.from(words.join(''), 'hex'))
  return content.includes('`') ? data.reverse() : data
}
