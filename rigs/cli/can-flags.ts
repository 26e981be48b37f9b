import { CAN_LOG_FORMATS, type CanLogFormat } from '../../reference/can/can-log.js'
import { canLogFormatOfName } from '../../reference/can/can-log-reader.js'
import { parseCanUrl } from '../../reference/can/can-url.js'
import type { CanFilter } from '../../reference/ports/can-bus.js'
import type { ReplaySpeed } from '../bench/can/replay.js'
import { UsageError } from './failure-exit.js'

/** @throws UsageError */
export function wholeFlag(name: string, text: string | undefined, min = 1): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min)) throw new UsageError(`${name} ${text} is no whole number of at least ${min}`)
  return value
}

/** Timers count milliseconds in 31 bits. */
const LONGEST_TIMER_S = 2_147_483

/** For a timer, which must end some day. @throws UsageError */
export function secondsFlag(name: string, text: string | undefined): number | undefined {
  const value = positiveFlag(name, text)
  if (value !== undefined && value > LONGEST_TIMER_S) {
    throw new UsageError(`${name} ${text} is more than ${LONGEST_TIMER_S} s, the longest there is`)
  }
  return value
}

/** @throws UsageError */
export function positiveFlag(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d*\.?\d+(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (!(value > 0) || !Number.isFinite(value)) throw new UsageError(`${name} ${text} is no number above 0`)
  return value
}

const FILTER = /^([0-9A-F]{1,3}|[0-9A-F]{8})([:~])([0-9A-F]{1,8})$/i

/**
 * `ID:MASK` lets in, `ID~MASK` keeps out, hexadecimal; an id of 8 digits means 29-bit frames, one of up to 3 11-bit ones.
 * @throws UsageError
 */
export function filterFlag(text: string): CanFilter {
  const [, id = '', kind, mask = ''] = FILTER.exec(text) ?? []
  if (id === '')
    throw new UsageError(
      `--filter ${text} is not ID:MASK or ID~MASK in hex, e.g. 123:7FF or 18DAF110:1FFFFFFF`,
    )
  const extended = id.length === 8
  const limit = extended ? 0x1fff_ffff : 0x7ff
  const number = Number.parseInt(id, 16)
  if (number > limit)
    throw new UsageError(`--filter ${text}: the id is above ${limit.toString(16).toUpperCase()}`)
  const bits = Number.parseInt(mask, 16) % 0x2000_0000
  return { id: number, mask: bits, extended, ...(kind === '~' ? { invert: true } : {}) }
}

/** @throws UsageError */
export function formatFlag(name: string, text: string | undefined): CanLogFormat | undefined {
  if (text === undefined) return undefined
  const format = CAN_LOG_FORMATS.find((each) => each === text.toLowerCase())
  if (!format) throw new UsageError(`${name} ${text} is none of ${CAN_LOG_FORMATS.join(', ')}`)
  return format
}

/**
 * The format of a file to write: what the flag says, else what the name promises.
 * @throws UsageError
 */
export function outputFormat(file: string, flag: CanLogFormat | undefined, flagName: string): CanLogFormat {
  const format = flag ?? canLogFormatOfName(file)
  if (format === undefined || format === 'candump-text') {
    throw new UsageError(
      `the name ${file} ends in none of .log, .asc, .trc: say ${flagName} ${CAN_LOG_FORMATS.join('|')}`,
    )
  }
  return format
}

/** `+08:00`. @returns minutes @throws UsageError */
export function utcOffsetFlag(text: string | undefined): number {
  if (text === undefined) return 0
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? []
  const value = Number(hours) * 60 + Number(minutes)
  if (sign === undefined || Number(minutes) > 59 || value > 14 * 60) {
    throw new UsageError(`--utc-offset ${text} is no offset such as +08:00`)
  }
  return sign === '-' ? 0 - value : value
}

/** @throws UsageError */
export function speedFlag(text: string | undefined): ReplaySpeed {
  return text === 'max' ? 'as-fast-as-possible' : (positiveFlag('--speed', text) ?? 1)
}

/** What the frames of a bus are logged under. @throws InvalidCanUrl */
export function channelOfBus(url: string): string {
  const parsed = parseCanUrl(url)
  return 'interface' in parsed ? parsed.interface : 'can0'
}
