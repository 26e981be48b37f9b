import {
  CanLogSyntaxError,
  quoteLine,
  type CanLogEntry,
  type CanLogReader,
  type ReadableCanLogFormat,
} from './can-log.js'
import { detectCanLogFormat, sureFormatOfLine } from './can-log-detection.js'

/** Lines that may stand before the first frame of a log whose format is still to be found. */
const MAX_OPENING = 1_000

type OnFault = ((fault: CanLogSyntaxError) => void) | undefined

/** @returns undefined for a line without a frame, and for a bad one, which `onFault` gets */
export function readLine(
  reader: CanLogReader,
  text: string,
  line: number,
  onFault: OnFault,
): CanLogEntry | undefined {
  try {
    return reader.read(text, line)
  } catch (error) {
    if (!onFault || !(error instanceof CanLogSyntaxError)) throw error
    onFault(error)
    return undefined
  }
}

interface Opening {
  readonly format?: ReadableCanLogFormat | undefined
  readonly name?: string | undefined
  readonly onFault: OnFault
}

/**
 * The first lines of a log, until its format is sure: until a frame is read. A damaged line at the top may look like
 * another format, or like none.
 */
export class CanLogOpening {
  readonly #lines: { readonly text: string; readonly line: number }[] = []
  #format: ReadableCanLogFormat | undefined
  #reader: CanLogReader | undefined
  #entries: CanLogEntry[] = []
  #faults: CanLogSyntaxError[] = []

  constructor(
    private readonly open: (format: ReadableCanLogFormat) => CanLogReader,
    private readonly options: Opening,
  ) {
    if (options.format) this.#take(options.format)
  }

  /** Whether there is a line that is not empty. */
  get begun(): boolean {
    return this.#lines.length > 0
  }

  get settled(): boolean {
    return this.#entries.length > 0 || this.#lines.length >= MAX_OPENING || this.options.format !== undefined
  }

  add(text: string, line: number): void {
    if (text.trim() === '') return
    this.#lines.push({ text, line })
    const sure = this.options.format ?? sureFormatOfLine(text)
    if (sure !== undefined && sure !== this.#format) this.#take(sure)
    else if (this.#reader) this.#read(this.#reader, text, line)
  }

  /** @throws CanLogSyntaxError */
  settle(): { readonly reader: CanLogReader; readonly entries: readonly CanLogEntry[] } {
    if (!this.#reader) {
      const head = this.#lines.map(({ text }) => text).join('\n')
      const found = detectCanLogFormat(head, this.options.name)
      if (!found) {
        const { text = '', line = 1 } = this.#lines[0] ?? {}
        const problem = `${quoteLine(text)} begins no candump, ASC or TRC log; name the format if it does`
        throw new CanLogSyntaxError('unknown', line, problem)
      }
      this.#take(found)
    }
    for (const fault of this.#faults) {
      if (!this.options.onFault) throw fault
      this.options.onFault(fault)
    }
    return { reader: this.#reader as CanLogReader, entries: this.#entries }
  }

  /** Reads all lines again, as those of another format. */
  #take(format: ReadableCanLogFormat): void {
    this.#format = format
    this.#entries = []
    this.#faults = []
    const reader = this.open(format)
    this.#reader = reader
    for (const { text, line } of this.#lines) this.#read(reader, text, line)
  }

  #read(reader: CanLogReader, text: string, line: number): void {
    const entry = readLine(reader, text, line, (fault) => this.#faults.push(fault))
    if (entry) this.#entries.push(entry)
  }
}
