import { CanLogSyntaxError } from './can-log.js'
import { decodeText } from './text-encoding.js'

/** A line that is longer is none of a log; a file without line ends must not fill the memory. */
const MAX_LINE = 65_536

/** Dates and names may be in whatever the machine wrote that the log is from: a line is one byte a character until here. */
function decodeLine(line: string): string {
  return /[\x80-\xFF]/.test(line) ? decodeText(Buffer.from(line, 'latin1')) : line
}

/** What a log may be read with, where its lines are at fault. */
export interface TextLinesOptions {
  /** Called for a line that is too long, which then is an empty one. Without it the reading ends with that error. */
  readonly onFault?: ((fault: CanLogSyntaxError) => void) | undefined
}

/**
 * The lines of a text that comes in pieces, without their ends. Each is UTF-8, or what `detectTextEncoding` takes it for.
 * @throws CanLogSyntaxError for a line of more than 65,536 bytes, without `onFault`
 */
export async function* textLines(
  chunks: AsyncIterable<string | Uint8Array>,
  { onFault }: TextLinesOptions = {},
): AsyncGenerator<string> {
  let rest = ''
  let line = 0
  /** The line that is read was too long already: what is left of it is passed over. */
  let passing = false
  const tooLong = () => {
    const fault = new CanLogSyntaxError('unknown', line + 1, `longer than ${MAX_LINE} bytes`, MAX_LINE + 1)
    if (!onFault) throw fault
    onFault(fault)
  }
  for await (const chunk of chunks) {
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk)
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    // Only what is new is searched: a line that comes in many pieces costs its length once.
    const lines = bytes.toString('latin1').split('\n')
    lines[0] = rest + (lines[0] ?? '')
    rest = lines.pop() ?? ''
    for (const ended of lines) {
      const text = ended.endsWith('\r') ? ended.slice(0, -1) : ended
      if (!passing && text.length > MAX_LINE) tooLong()
      const empty = passing || text.length > MAX_LINE
      passing = false
      line++
      yield empty ? '' : decodeLine(text)
    }
    if (passing) rest = ''
    else if (rest.length > MAX_LINE) {
      tooLong()
      passing = true
      rest = ''
    }
  }
  if (rest !== '') yield decodeLine(rest.replace(/\r$/, ''))
}
