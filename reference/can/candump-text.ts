import { requireSendable } from './can-frame-check.js'
import { CanLogSyntaxError, quoteLine, type CanLogEntry } from './can-log.js'
import type { CanFrame } from '../ports/can-bus.js'

/**
 * What candump prints for people: an optional time (`-t a|z|d`), interface, `-x` columns, id, length, data. FD frames
 * have two digits of length, classic ones one.
 */
const LINE =
  /^\s*(?:\((?:\d{4}-\d\d-\d\d )?(\d+(?::\d\d:\d\d)?)\.(\d{6})\)\s+)?(\S+)\s+(?:([RT]X) ([-B]) ([-E])\s+)?([0-9A-F]{8}|[0-9A-F]{3})\s+\[(\d{1,2})\](?:\s+(remote request|(?:[0-9A-F]{2}\s?)*))?(?:\s+'.*')?(?:\s+ERRORFRAME)?\s*$/i

/** candump -e explains an error frame on lines of their own, which begin with a tab. */
export const EXPLANATION = /^\t/

function timestampUs(seconds: string | undefined, micros: string | undefined): number {
  if (seconds === undefined) return 0
  const whole = seconds.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return whole * 1_000_000 + Number(micros)
}

/**
 * Reads one line of candump's output without `-L`. Lines without a time stamp get 0; a date (`-t A`) is left aside.
 * @throws CanLogSyntaxError
 */
export function parseCandumpTextLine(text: string, line: number): CanLogEntry {
  const fail = (problem: string, cause?: unknown): never => {
    throw new CanLogSyntaxError('candump-text', line, problem, undefined, { cause })
  }
  const match = LINE.exec(text)
  if (!match) return fail(`expected "can0  123   [2]  11 22", found ${quoteLine(text)}`)
  const [, seconds, micros, channel = '', direction, brs, esi, id = '', length = '', content = ''] = match
  const place = {
    timestampUs: timestampUs(seconds, micros),
    channel,
    ...(direction ? { direction: /r/i.test(direction) ? ('rx' as const) : ('tx' as const) } : {}),
  }
  const remote = /^remote/i.test(content)
  const data = new Uint8Array(Buffer.from(remote ? '' : content.replace(/\s/g, ''), 'hex'))
  if (!remote && data.length !== Number(length)) fail(`[${length}] does not match ${data.length} bytes`)
  const number = Number.parseInt(id, 16)
  if (/ERRORFRAME/i.test(text)) {
    if (number < 0x2000_0000 || data.length !== 8) fail('an error frame has an id above 20000000 and 8 bytes')
    return { ...place, errorFrame: { errorClass: number % 0x2000_0000, data } }
  }
  const frame: CanFrame = {
    id: number,
    extended: id.length === 8,
    data,
    ...(remote ? { remote: true, remoteLength: Number(length) } : {}),
    ...(length.length === 2 ? { fd: true } : {}),
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
