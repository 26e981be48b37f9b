import type { CanFrame } from '../ports/can-bus.js'
import { parseAscDate } from './asc-date.js'
import { ASC_ERROR, ASC_FLAGS, FD_LENGTH_OF_DLC } from './asc-log-format.js'
import { requireSendable } from './can-frame-check.js'
import { CanLogSyntaxError, foundWord, quoteLine, type CanLogEntry } from './can-log.js'
import { channelOfNumber } from './log-channel.js'
import { parseLogTime, Skipped } from './log-time.js'

export interface CanLogReaderOptions {
  /** Minutes by which the clock of an ASC or TRC file, which names no zone, was ahead of UTC; 0 unless told. */
  readonly utcOffsetMinutes?: number
}

const HEADER =
  /^(date|base|timestamps|no internal events logged|internal events logged|begin\s+triggerblock|end\s+triggerblock)\b\s*(.*)$/i
const DIRECTION = { rx: 'rx', tx: 'tx' } as const

interface Token {
  readonly text: string
  readonly column: number
}

/** Reads Vector's ASC line by line. */
export class AscLogReader {
  readonly skipped = new Skipped()
  readonly #offsetUs: number
  #base = 16
  #relative = false
  #startUs = 0
  #nowUs = 0

  constructor({ utcOffsetMinutes = 0 }: CanLogReaderOptions = {}) {
    this.#offsetUs = utcOffsetMinutes * 60_000_000
  }

  /** @throws CanLogSyntaxError */
  read(text: string, line: number): CanLogEntry | undefined {
    const trimmed = text.trim()
    if (trimmed === '') return undefined
    if (trimmed.startsWith('//')) return this.skipped.count('comments')
    const header = HEADER.exec(trimmed)
    if (header) return this.#header(header[1] ?? '', header[2] ?? '')
    return new AscLine(text, line, this.#base, this.skipped).entry((time) => this.#time(time))
  }

  #header(name: string, value: string): undefined {
    switch (name.toLowerCase().split(/\s/)[0]) {
      case 'date':
      case 'begin':
        return this.#start(value)
      case 'base':
        this.#base = /^dec/i.test(value) ? 10 : 16
        this.#relative = /timestamps\s+relative/i.test(value)
        return undefined
      case 'timestamps':
        this.#relative = /^relative/i.test(value)
        return undefined
      default:
        return undefined
    }
  }

  #start(value: string): undefined {
    this.#nowUs = 0
    if (value.trim() === '') return undefined
    const us = parseAscDate(value)
    if (us === undefined || us - this.#offsetUs < 0) {
      // A date that was read before it still holds.
      return this.skipped.count('dates that could not be read (without one, times count from 0)')
    }
    this.#startUs = us - this.#offsetUs
    return undefined
  }

  /** @returns undefined where the line does not begin with a time */
  #time(text: string): number | undefined {
    const time = parseLogTime(text, 1_000_000)
    if (!time || !/[.,]/.test(text)) return undefined
    if (time.rounded) this.skipped.count('times finer than 1 µs (rounded)')
    this.#nowUs = this.#relative ? this.#nowUs + time.us : time.us
    return this.#startUs + this.#nowUs
  }
}

/** The words of one line of an event. */
class AscLine {
  readonly #tokens: Token[]
  #at = 0

  constructor(
    readonly text: string,
    readonly line: number,
    readonly base: number,
    readonly skipped: Skipped,
  ) {
    this.#tokens = Array.from(text.matchAll(/\S+/g), (match) => ({ text: match[0], column: match.index + 1 }))
  }

  entry(timeOf: (text: string) => number | undefined): CanLogEntry | undefined {
    const timestampUs = timeOf(this.#next())
    if (timestampUs === undefined) {
      return this.#fail(`a line begins with its time in seconds, e.g. 1.015991: ${quoteLine(this.text)}`)
    }
    if (!Number.isSafeInteger(timestampUs) || timestampUs < 0) return this.#fail('the time is out of range')
    const kind = this.#next()
    if (kind === 'CANFD') return this.#fd(timestampUs)
    if (/^\d{1,3}$/.test(kind) && Number(kind) > 0) return this.#classic(timestampUs, Number(kind))
    return this.#event(kind, this.#peek())
  }

  /** What is a word is an event; what might be a channel, an id or a direction is a frame that is damaged. */
  #event(word: string, second: string): undefined {
    const name = eventName(word, second)
    if (name === undefined || EVENT_ID.test(word))
      return this.#fail(`expected a frame or an event, found ${foundWord(word)}`)
    return this.skipped.count(name)
  }

  #classic(timestampUs: number, number: number): CanLogEntry | undefined {
    const channel = channelOfNumber(number)
    const word = this.#next()
    if (/^errorframe$/i.test(word)) return this.#error(timestampUs, channel)
    const direction = this.#peek().toLowerCase()
    if (direction === 'txrq') return this.skipped.count('transmit requests')
    if (!Object.hasOwn(DIRECTION, direction)) return this.#event(word, '')
    const id = this.#id(word)
    if (!id) return this.#named(word)
    this.#next()
    const kind = this.#next().toLowerCase()
    if (kind !== 'd' && kind !== 'r') return this.#fail('d (data) or r (remote) must follow the direction')
    const place = { timestampUs, channel, direction: DIRECTION[direction as 'rx' | 'tx'] }
    if (kind === 'r') {
      // Before version 8.5 remote frames had no length.
      const code = /^[0-9A-F]$/i.test(this.#peek()) ? Number.parseInt(this.#next(), 16) : 0
      return { ...place, frame: this.#checked({ ...id, ...remoteContent(code) }) }
    }
    const code = this.#lengthCode()
    const data = this.#bytes(Math.min(code, 8))
    return { ...place, frame: this.#checked({ ...id, data, ...(code > 8 ? { rawDlc: code } : {}) }) }
  }

  /** `CANFD` lines hold classic frames too: the flags tell. */
  #fd(timestampUs: number): CanLogEntry | undefined {
    const number = this.#next()
    if (/^[A-Z]/i.test(number)) return this.#event(number, this.#peek())
    if (!/^\d{1,3}$/.test(number) || Number(number) < 1)
      return this.#fail('a channel 1…999 must follow CANFD')
    const channel = channelOfNumber(Number(number))
    const direction = this.#next().toLowerCase()
    if (direction === 'txrq') return this.skipped.count('transmit requests')
    if (/^errorframe$/.test(direction)) return this.#error(timestampUs, channel)
    if (!Object.hasOwn(DIRECTION, direction)) return this.#fail('Rx or Tx must follow the channel')
    const word = this.#next()
    if (/^errorframe$/i.test(word)) return this.#error(timestampUs, channel)
    const id = this.#id(word)
    if (!id) return this.#named(word)
    if (!/^[01]$/.test(this.#peek())) this.#next()
    const [brs, esi] = [this.#flag('BRS'), this.#flag('ESI')]
    const code = this.#lengthCode()
    const length = this.#length()
    const data = this.#bytes(length)
    const flags = this.#flags() ?? (length === 0 && code > 0 ? ASC_FLAGS.remote : ASC_FLAGS.fd)
    const place = { timestampUs, channel, direction: DIRECTION[direction as 'rx' | 'tx'] }
    if (flags & ASC_FLAGS.remote && length === 0) {
      // CAN FD has no remote frames: FD bits beside the one of a request say nothing.
      if (flags & ASC_FLAGS.fd || brs || esi) this.skipped.count('FD flags of remote frames')
      return { ...place, frame: this.#checked({ ...id, ...remoteContent(code) }) }
    }
    if (flags & ASC_FLAGS.fd || length > 8 || brs || esi) {
      if (FD_LENGTH_OF_DLC[code] !== length) return this.#fail(`length code ${code} is not ${length} bytes`)
      const bits = { ...(brs ? { bitrateSwitch: true } : {}), ...(esi ? { errorStateIndicator: true } : {}) }
      return { ...place, frame: this.#checked({ ...id, data, fd: true, ...bits }) }
    }
    if (Math.min(code, 8) !== length) return this.#fail(`length code ${code} is not ${length} bytes`)
    return { ...place, frame: this.#checked({ ...id, data, ...(code > 8 ? { rawDlc: code } : {}) }) }
  }

  #error(timestampUs: number, channel: string): CanLogEntry {
    if (this.#peek() !== '') this.skipped.count('details of error frames')
    return { timestampUs, channel, errorFrame: { errorClass: ASC_ERROR, data: new Uint8Array(8) } }
  }

  #id(word: string): { id: number; extended: boolean } | undefined {
    const [, digits, x] = (this.base === 16 ? /^([0-9A-F]{1,8})(x?)$/i : /^(\d{1,10})(x?)$/i).exec(word) ?? []
    if (digits === undefined) return undefined
    return { id: Number.parseInt(digits, this.base), extended: x !== '' }
  }

  /** CANoe may log the name of a message in its id's place, which nothing here resolves. */
  #named(word: string): undefined {
    if (!/^[A-Z_]\w*(::\w+)*x?$/i.test(word)) return this.#fail(`${quoteLine(word)} is no id`)
    return this.skipped.count('frames with a name instead of an id')
  }

  #flag(name: string): boolean {
    const word = this.#next()
    return /^[01]$/.test(word) ? word === '1' : this.#fail(`${name} must be 0 or 1, not ${foundWord(word)}`)
  }

  #lengthCode(): number {
    const word = this.#next()
    if (!/^[0-9A-F]$/i.test(word)) return this.#fail(`expected a length code, 0…f, found ${foundWord(word)}`)
    return Number.parseInt(word, 16)
  }

  #length(): number {
    const word = this.#next()
    if (!/^\d{1,2}$/.test(word)) return this.#fail(`expected a number of bytes, found ${foundWord(word)}`)
    return Number(word)
  }

  #bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => {
      const word = this.#next()
      const byte = (this.base === 16 ? /^[0-9A-F]{1,2}$/i : /^\d{1,3}$/).test(word)
        ? Number.parseInt(word, this.base)
        : Number.NaN
      return byte <= 0xff ? byte : this.#fail(`${length} bytes were announced, found ${foundWord(word)}`)
    })
  }

  /** The third word after the data, hexadecimal; undefined where the line ends before it. */
  #flags(): number | undefined {
    const word = this.#tokens[this.#at + 2]?.text
    return word !== undefined && /^[0-9A-F]{1,8}$/i.test(word) ? Number.parseInt(word, 16) : undefined
  }

  #checked(frame: CanFrame): CanFrame {
    try {
      requireSendable(frame)
    } catch (cause) {
      throw new CanLogSyntaxError('asc', this.line, (cause as Error).message, this.#column(), { cause })
    }
    return frame
  }

  #peek(): string {
    return this.#tokens[this.#at]?.text ?? ''
  }

  #next(): string {
    return this.#tokens[this.#at++]?.text ?? ''
  }

  #fail(problem: string): never {
    throw new CanLogSyntaxError('asc', this.line, problem, this.#column())
  }

  /** Of the word that was read last. */
  #column(): number {
    return this.#tokens[this.#at - 1]?.column ?? this.text.trimEnd().length + 1
  }
}

function remoteContent(code: number): Pick<CanFrame, 'data' | 'remote' | 'remoteLength' | 'rawDlc'> {
  return {
    data: new Uint8Array(0),
    remote: true,
    remoteLength: Math.min(code, 8),
    ...(code > 8 ? { rawDlc: code } : {}),
  }
}

/** An id, a byte, a damaged direction: words of frames, not of events. */
const EVENT_ID = /^([0-9A-F]+x?|[rt].?.?)$/i

/** Events that are no frames are told apart by their first word. */
function eventName(first: string, second: string): string | undefined {
  if (first === 'Start' && second === 'of') return 'Start of measurement'
  const word = /^[A-Za-z][A-Za-z0-9]{0,23}/.exec(first)?.[0]
  return word ? `${word} events` : undefined
}
