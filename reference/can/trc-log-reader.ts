import type { CanFrame } from '../ports/can-bus.js'
import { FD_LENGTH_OF_DLC } from './asc-log-format.js'
import type { CanLogReaderOptions } from './asc-log-reader.js'
import { requireSendable } from './can-frame-check.js'
import { CanLogSyntaxError, foundWord, quoteLine, type CanLogEntry } from './can-log.js'
import { channelOfNumber } from './log-channel.js'
import { columnOfWord } from './log-column.js'
import { parseLogTime, Skipped } from './log-time.js'
import { FD_TYPES, OTHER_ERROR, parseTrcStart, PROT_TX, TRC_ERROR } from './trc-log-format.js'

/** Columns by version: N number, O offset, B bus, T type, I id, d direction, R reserved, L length code, l length, D data. */
const COLUMNS: Readonly<Record<string, string>> = {
  '1.0': 'N,O,I,L,D',
  '1.1': 'N,O,T,I,L,D',
  '1.2': 'N,O,B,T,I,L,D',
  '1.3': 'N,O,B,T,I,R,L,D',
  '2.0': 'N,O,T,I,d,l,D',
  '2.1': 'N,O,T,B,I,d,R,L,D',
}

/** Lines of version 2 that are no frames. */
const EVENTS: Readonly<Record<string, string>> = {
  ST: 'hardware status (ST)',
  EC: 'error counter changes (EC)',
  EV: 'user events (EV)',
}

/** Behind `;$FILEVERSION=`. */
const VALUE_COLUMN = 15

/** @param word index of the word that is wrong */
type Fail = (problem: string, word: number, cause?: unknown) => never

/** Reads PEAK's TRC, versions 1.0 to 2.1, line by line. */
export class TrcLogReader {
  readonly skipped = new Skipped()
  readonly #offsetUs: number
  #version = '1.0'
  #columns = (COLUMNS['1.0'] as string).split(',')
  #startUs = 0
  #began = false

  constructor({ utcOffsetMinutes = 0 }: CanLogReaderOptions = {}) {
    this.#offsetUs = utcOffsetMinutes * 60_000_000
  }

  /** @throws CanLogSyntaxError */
  read(text: string, line: number): CanLogEntry | undefined {
    const trimmed = text.trim()
    if (trimmed === '') return undefined
    if (trimmed.startsWith(';')) return this.#header(trimmed, line)
    this.#began = true
    return this.#row(text, line)
  }

  #header(text: string, line: number): undefined {
    const [, name, value = ''] = /^;\$([A-Z]+)=(.*)$/.exec(text) ?? []
    if (name === 'FILEVERSION') {
      // PCAN-Explorer may add a build number, e.g. 1.3.255.0.
      this.#version = /^\d\.\d/.exec(value.trim())?.[0] ?? value.trim()
      const columns = COLUMNS[this.#version]
      if (columns === undefined) {
        // The rows below it are read as those of the last version with the same number.
        this.#version = this.#version.startsWith('2') ? '2.1' : '1.1'
        this.#columns = (COLUMNS[this.#version] as string).split(',')
        throw new CanLogSyntaxError('trc', line, `version ${quoteLine(value)} is not known`, VALUE_COLUMN)
      }
      this.#columns = columns.split(',')
    } else if (name === 'STARTTIME') {
      this.#start(parseTrcStart(value))
    } else if (name === 'COLUMNS') {
      const columns = value.trim().split(',')
      if (!['N', 'O', 'T', 'I'].every((column) => columns.includes(column)) || columns.at(-1) !== 'D') {
        throw new CanLogSyntaxError('trc', line, `columns ${quoteLine(value)} lack one of N, O, T, I, D`, 1)
      }
      this.#columns = columns
    } else if (this.#began) {
      this.skipped.count('comments')
    }
    return undefined
  }

  #start(us: number | undefined): undefined {
    const startUs = us === undefined ? -1 : us - this.#offsetUs
    this.#startUs = Math.max(0, startUs)
    if (startUs < 0) this.skipped.count('dates that could not be read (times count from 0)')
    return undefined
  }

  #row(text: string, line: number): CanLogEntry | undefined {
    const fail: Fail = (problem, word, cause) => {
      throw new CanLogSyntaxError('trc', line, problem, columnOfWord(text, word), { cause })
    }
    const words = text.trim().split(/\s+/)
    if (!/^\d+\)?$/.test(words[0] ?? '')) {
      return fail(`a line begins with the number of its message, found ${quoteLine(text)}`, 0)
    }
    const where = (column: string) => this.#columns.indexOf(column)
    const at = (column: string) => words[where(column)] ?? ''
    const time = parseLogTime(at('O'), 1_000)
    if (!time) return fail(`expected a time in milliseconds, found ${foundWord(at('O'))}`, where('O'))
    if (time.rounded) this.skipped.count('times finer than 1 µs (rounded)')
    const timestampUs = this.#startUs + time.us
    if (!Number.isSafeInteger(timestampUs) || timestampUs < 0)
      return fail('the time is out of range', where('O'))
    const bus = this.#columns.includes('B') ? at('B') : '1'
    const type = this.#version === '1.0' ? '' : at('T')
    const event = EVENTS[type]
    if (event !== undefined) return this.skipped.count(event)
    if (!/^\d{1,3}$/.test(bus) || Number(bus) < 1)
      return fail(`expected the number of a bus, found ${foundWord(bus)}`, where('B'))
    const place = { timestampUs, channel: channelOfNumber(Number(bus)) }
    if (/^warng$/i.test(type) || /^FFFFFFFF$/i.test(at('I'))) return this.skipped.count('bus warnings')
    const dataAt = where('D')
    if (/^error$/i.test(type) || (type === '' && words[dataAt] === 'ERROR')) {
      const bytes = words.slice(dataAt).filter((word) => word !== 'ERROR')
      return { ...place, errorFrame: this.#errorOf([at('I').slice(-2), ...bytes], dataAt, fail) }
    }
    if (type === 'ER') return { ...place, errorFrame: this.#errorOf(words.slice(-5), dataAt, fail) }
    const frame = this.#frame(words, type, fail)
    if (!frame) return undefined
    const direction = this.#direction(type, at('d'), fail)
    try {
      requireSendable(frame)
    } catch (cause) {
      return fail((cause as Error).message, where('I'), cause)
    }
    return { ...place, ...(direction ? { direction } : {}), frame }
  }

  #direction(type: string, column: string, fail: Fail): 'rx' | 'tx' | undefined {
    if (this.#version === '1.0') return undefined
    const word = this.#version.startsWith('1') ? type : column
    if (word === 'Rx') return 'rx'
    if (word === 'Tx') return 'tx'
    // Version 2 may leave the column out.
    if (word === '' || (!this.#version.startsWith('1') && !this.#columns.includes('d'))) return undefined
    return fail(
      `expected Rx or Tx, found ${foundWord(word)}`,
      this.#columns.indexOf(this.#version.startsWith('1') ? 'T' : 'd'),
    )
  }

  #frame(words: readonly string[], type: string, fail: Fail): CanFrame | undefined {
    const where = (column: string) => this.#columns.indexOf(column)
    const at = (column: string) => words[where(column)] ?? ''
    const fd = this.#version.startsWith('2') ? FD_TYPES[type] : undefined
    const known = this.#version.startsWith('2') ? ['DT', 'RR'].includes(type) : /^(|rx|tx)$/i.test(type)
    if (!fd && !known) return fail(`expected the type of a line, found ${foundWord(type)}`, where('T'))
    const id = at('I')
    if (!/^([0-9A-F]{3,4}|[0-9A-F]{7,8})$/i.test(id))
      return fail(`expected an id of 4 or 8 hex digits, found ${foundWord(id)}`, where('I'))
    const lengthColumn = this.#columns.includes('l') ? 'l' : 'L'
    const length = at(lengthColumn)
    if (!/^\d{1,4}$/.test(length))
      return fail(`expected a length, found ${foundWord(length)}`, where(lengthColumn))
    const head = { id: Number.parseInt(id, 16), extended: id.length > 4 }
    const data = words.slice(this.#columns.indexOf('D'))
    if (type === 'RR' || data[0] === 'RTR') {
      const code = Number(length)
      return {
        ...head,
        data: new Uint8Array(0),
        remote: true,
        remoteLength: Math.min(code, 8),
        ...(code > 8 ? { rawDlc: code } : {}),
      }
    }
    // J1939 and its likes are logged as they were put together, with as many bytes as they say.
    const long = Number(length) > 15 || (Number(length) > 8 && data.length > 8)
    if (!fd && long) return this.skipped.count('messages longer than a frame')
    const code = Number(length)
    const bytes = this.#columns.includes('l') ? code : (FD_LENGTH_OF_DLC[code] ?? Number.NaN)
    const expected = fd ? bytes : Math.min(code, 8)
    const content = {
      ...head,
      data: hexWords(data, expected, where('D'), fail),
      ...(!fd && code > 8 ? { rawDlc: code } : {}),
    }
    if (!fd) return content
    return {
      ...content,
      fd: true,
      ...(fd.brs ? { bitrateSwitch: true } : {}),
      ...(fd.esi ? { errorStateIndicator: true } : {}),
    }
  }

  #errorOf(words: readonly string[], dataAt: number, fail: Fail): { errorClass: number; data: Uint8Array } {
    const [type = 0, direction = 0, position = 0, rxErrors = 0, txErrors = 0] = hexWords(
      words,
      5,
      dataAt,
      fail,
    )
    if (type < 1 || type > OTHER_ERROR) return fail(`error type ${type} is not 1…8`, dataAt)
    if (direction > 1) return fail(`direction ${direction} of an error is neither 0 nor 1`, dataAt)
    const kind = type & ~OTHER_ERROR
    const data = Uint8Array.of(0, 0, kind | (direction ? 0 : PROT_TX), position, 0, 0, txErrors, rxErrors)
    return { errorClass: TRC_ERROR, data }
  }
}

/** @param at index of the first of these words in its line */
function hexWords(words: readonly string[], length: number, at: number, fail: Fail): Uint8Array {
  const bad = words.findIndex((word) => !/^[0-9A-F]{2}$/i.test(word))
  if (words.length !== length || bad >= 0) {
    const problem = `expected ${length} bytes in hex, found ${foundWord(words.join(' '))}`
    return fail(problem, at + (bad >= 0 ? bad : Math.min(words.length, length)))
  }
  return Uint8Array.from(words, (word) => Number.parseInt(word, 16))
}
