import { AscLogReader, type CanLogReaderOptions } from './asc-log-reader.js'
import type { CanLogEntry, CanLogReader, CanLogSyntaxError, ReadableCanLogFormat } from './can-log.js'
import { DROP_COUNT, parseCandumpLine } from './candump-log.js'
import { CandumpTextReader } from './candump-text.js'
import { CanLogOpening, readLine } from './can-log-opening.js'
import { Skipped } from './log-time.js'
import { TrcLogReader } from './trc-log-reader.js'

export type { CanLogReaderOptions } from './asc-log-reader.js'
export { canLogFormatOfName, detectCanLogFormat } from './can-log-detection.js'
export { textLines } from './text-lines.js'
export type { CanLogReader } from './can-log.js'

type LineReader = Pick<CanLogReader, 'read'> & { readonly skipped: Skipped }

const candumpReader = (): LineReader => ({ skipped: new Skipped(), read: parseCandumpLine })

/** candump writes none; people and scripts do. */
const COMMENT = /^\s*(#|\/\/|;)/

/** Of either kind of candump's output: `-d` tells of frames that are missing between the others. */
function readerOfCandump(format: 'candump' | 'candump-text', reader: LineReader): CanLogReader {
  const { skipped } = reader
  return {
    format,
    skipped,
    read(text, line) {
      if (text.trim() === '') return undefined
      if (COMMENT.test(text)) return skipped.count('comments')
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

export interface ReadCanLogOptions extends CanLogReaderOptions {
  /** Default: by the content, else by the name. */
  readonly format?: ReadableCanLogFormat
  /** Of the file, for its extension. */
  readonly name?: string
  /** Called with the reader once the format is known: its `skipped` is complete when the log ends. */
  readonly onReader?: (reader: CanLogReader) => void
  /** Called for each line that is no line of the format; it is left out. Without it the reading ends with that error. */
  readonly onFault?: ((fault: CanLogSyntaxError) => void) | undefined
}

/**
 * Reads a log of any format, entry by entry.
 * @throws CanLogSyntaxError for a text whose format is unknown, and for a bad line without `onFault`
 */
export async function* readCanLog(
  lines: AsyncIterable<string> | Iterable<string>,
  { format, name, onReader, onFault, ...options }: ReadCanLogOptions = {},
): AsyncGenerator<CanLogEntry> {
  const opening = new CanLogOpening((found) => canLogReader(found, options), { format, name, onFault })
  let number = 0
  let reader: CanLogReader | undefined
  const opened = () => {
    const { entries, reader: found } = opening.settle()
    reader = found
    onReader?.(found)
    return entries
  }
  for await (const text of lines) {
    number++
    if (!reader) {
      opening.add(text, number)
      if (opening.settled) yield* opened()
      continue
    }
    const entry = readLine(reader, text, number, onFault)
    if (entry) yield entry
  }
  if (!reader && opening.begun) yield* opened()
}
