/** Why a line is no SLCAN. */
export type SlcanProblem =
  | 'unknown-kind'
  | 'bad-length'
  | 'bad-digit'
  | 'bad-id'
  | 'bad-dlc'
  | 'bad-value'
  | 'bad-timestamp'
  | 'too-long'
  | 'cut'

/** Thrown for a line that is no SLCAN: what is wrong, and the line. */
export class InvalidSlcanLine extends Error {
  override readonly name = 'InvalidSlcanLine'
  constructor(
    readonly problem: SlcanProblem,
    /** Printable, and not longer than a line can be. */
    readonly line: string,
    what: string,
  ) {
    super(`SLCAN line ${JSON.stringify(line)}: ${what}`)
  }
}

/** The longest line there is: an extended FD frame of 64 bytes with a time stamp, without its end. */
export const MAX_SLCAN_LINE = 1 + 8 + 1 + 2 * 64 + 4

export const CR = 0x0d
/** An adapter's word for "no". */
export const BEL = 0x07

/** The bytes of a line, for messages: what is not printable becomes an escape. */
export function printable(line: Uint8Array): string {
  let text = ''
  for (const byte of line) {
    text +=
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return text
}

export interface SlcanLineListener {
  /** @param line without its end; valid until the listener returns */
  line(line: Uint8Array): void
  /** A BEL, which ends nothing but itself. */
  bell(): void
  /** @param problem `too-long` or `cut`: a BEL came amid a line */
  garbage(garbage: InvalidSlcanLine): void
}

/**
 * Cuts a stream of bytes into lines, whatever the bytes: it keeps no more than the longest line, and finds its way
 * again at the next CR.
 */
export class SlcanLineReader {
  readonly #kept = new Uint8Array(MAX_SLCAN_LINE)
  #length = 0
  #overlong = false

  constructor(private readonly listener: SlcanLineListener) {}

  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === CR) this.#endLine()
      else if (byte === BEL) this.#ring()
      else if (this.#length < MAX_SLCAN_LINE) this.#kept[this.#length++] = byte
      else this.#overlong = true
    }
  }

  #take(): Uint8Array {
    const line = this.#kept.subarray(0, this.#length)
    this.#length = 0
    this.#overlong = false
    return line
  }

  #endLine(): void {
    const overlong = this.#overlong
    const line = this.#take()
    if (overlong) this.#tell('too-long', line, `it is longer than ${MAX_SLCAN_LINE} characters`)
    else this.listener.line(line)
  }

  #ring(): void {
    if (this.#length > 0) this.#tell('cut', this.#take(), 'a BEL came amid it')
    this.listener.bell()
  }

  #tell(problem: SlcanProblem, line: Uint8Array, what: string): void {
    this.listener.garbage(new InvalidSlcanLine(problem, printable(line), what))
  }
}
