import { AscLogReader, type CanLogReaderOptions } from './asc-log-reader.js'
import { CanLogSyntaxError, quoteLine, type CanLogEntry, type ReadableCanLogFormat } from './can-log.js'
import { DROP_COUNT, parseCandumpLine } from './candump-log.js'
import { CandumpTextReader, withoutColours } from './candump-text.js'
import { Skipped } from './log-time.js'
import { decodeText } from './text-encoding.js'
import { TrcLogReader } from './trc-log-reader.js'

export type { CanLogReaderOptions } from './asc-log-reader.js'

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

type LineReader = Pick<CanLogReader, 'read'> & { readonly skipped: Skipped }

const candumpReader = (): LineReader => ({ skipped: new Skipped(), read: parseCandumpLine })

/** Of either kind of candump's output: `-d` tells of frames that are missing between the others. */
function readerOfCandump(format: 'candump' | 'candump-text', reader: LineReader): CanLogReader {
  const { skipped } = reader
  return {
    format,
    skipped,
    read(text, line) {
      if (text.trim() === '') return undefined
      if (DROP_COUNT.test(text)) return skipped.count('drop counts of candump: frames are missing')
      return reader.read(text, line)
    },
  }
}

export function canLogReader(format: ReadableCanLogFormat, options: CanLogReaderOptions = {}): CanLogReader {
  switch (format) {
    case 'candump':
      return readerOfCandump(format, candumpReader())
    case 'candump-text':
      return readerOfCandump(format, new CandumpTextReader(options))
    case 'asc':
    case 'trc': {
      const reader = format === 'asc' ? new AscLogReader(options) : new TrcLogReader(options)
      return { format, skipped: reader.skipped, read: (text, line) => reader.read(text, line) }
    }
  }
}

const EXTENSIONS: Readonly<Record<string, ReadableCanLogFormat>> = { log: 'candump', asc: 'asc', trc: 'trc' }

/** The format that a file's name promises. */
export function canLogFormatOfName(name: string): ReadableCanLogFormat | undefined {
  const extension = /\.([A-Za-z]+)$/.exec(name)?.[1]?.toLowerCase()
  return extension === undefined || !Object.hasOwn(EXTENSIONS, extension) ? undefined : EXTENSIONS[extension]
}

const FIRST_LINES: readonly [RegExp, ReadableCanLogFormat][] = [
  [/^\s*\(\d+\.\d{6}\)\s+\S+\s+[0-9A-F]{3,8}#/i, 'candump'],
  [
    /^\s*(?:\(.{1,40}\)\s+)?\S+\s+(?:[RT]X [-B] [-E]\s+)?(?:[0-9A-F]{8}|[0-9A-F]{3})\s+(?:\[\d{1,2}\]|\{[0-9A-F]\})/i,
    'candump-text',
  ],
  [/^\s*(date\s|base\s+(hex|dec)|(no\s+)?internal events logged|begin triggerblock|\/\/)/i, 'asc'],
  [/^\s*\d+\.\d+\s+(\d+|CANFD|CAN|Start of)\b/, 'asc'],
  [/^\s*;/, 'trc'],
  [/^\s*\d+\)\s+\d+/, 'trc'],
]

/**
 * The format of a log, by its content; by its name where the content says nothing.
 * @param head the first line that is not empty, or more
 */
export function detectCanLogFormat(head: string, name = ''): ReadableCanLogFormat | undefined {
  for (const line of head.split(/\r?\n/)) {
    if (line.trim() === '' || DROP_COUNT.test(line)) continue
    const found = FIRST_LINES.find(([pattern]) => pattern.test(withoutColours(line)))
    if (found) return found[1]
    break
  }
  return canLogFormatOfName(name)
}

/** A line that is longer is none of a log; a file without line ends must not fill the memory. */
const MAX_LINE = 65_536

/** Dates and names may be in whatever the machine wrote that the log is from: a line is one byte a character until here. */
function decodeLine(line: string): string {
  return /[\x80-\xFF]/.test(line) ? decodeText(Buffer.from(line, 'latin1')) : line
}

/**
 * The lines of a text that comes in pieces, without their ends. Each is UTF-8, or what `detectTextEncoding` takes it for.
 * @throws CanLogSyntaxError for a line of more than 65,536 bytes
 */
export async function* textLines(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  let line = 0
  const tooLong = () => new CanLogSyntaxError('unknown', line + 1, `longer than ${MAX_LINE} characters`)
  for await (const chunk of chunks) {
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk)
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    rest += bytes.toString('latin1')
    const lines = rest.split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const text of lines) {
      if (text.length > MAX_LINE) throw tooLong()
      line++
      yield decodeLine(text)
    }
    if (rest.length > MAX_LINE) throw tooLong()
  }
  if (rest !== '') yield decodeLine(rest.replace(/\r$/, ''))
}

export interface ReadCanLogOptions extends CanLogReaderOptions {
  /** Detected from the first line that is not empty, unless told. */
  readonly format?: ReadableCanLogFormat
  /** Of the file, for its extension. */
  readonly name?: string
  /** Called with the reader once the format is known: its `skipped` is complete when the log ends. */
  readonly onReader?: (reader: CanLogReader) => void
}

/**
 * Reads a log of any format, entry by entry.
 * @throws CanLogSyntaxError
 */
export async function* readCanLog(
  lines: AsyncIterable<string> | Iterable<string>,
  { format, name, onReader, ...options }: ReadCanLogOptions = {},
): AsyncGenerator<CanLogEntry> {
  let reader: CanLogReader | undefined
  let number = 0
  for await (const text of lines) {
    number++
    if (!reader) {
      if (text.trim() === '') continue
      const found = format ?? detectCanLogFormat(text, name)
      if (!found) {
        const problem = `${quoteLine(text)} begins no candump, ASC or TRC log; name the format if it does`
        throw new CanLogSyntaxError('unknown', number, problem)
      }
      reader = canLogReader(found, options)
      onReader?.(reader)
    }
    const entry = reader.read(text, number)
    if (entry) yield entry
  }
}
