import { closeSync, constants, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { RigUnavailable } from '../rig-errors.js'

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants

/** Non-blocking: a pipe whose reader stands still costs lines, never the service. */
const APPEND = O_WRONLY | O_APPEND | O_NONBLOCK

/** A file that has grown to this is put aside as `FILE.1`, in place of the one before: two of them at most, bytes. */
const MOST_BYTES = 67_108_864

/** How often it is checked whether the file has been moved or removed (logrotate), milliseconds of wall time. */
const CHECK_MS = 10_000

const STANDARD_ERROR = 2

interface LogOutputParts {
  readonly descriptor: number
  /** None for what is not ours to put aside: a pipe, a terminal, a device. */
  readonly file?: string | undefined
  readonly mostBytes: number
}

/**
 * Where a log goes. Its descriptor is kept open, so that a process that is out of descriptors still writes; no fault of
 * the file stops the caller. Lines that could not be written are counted, and reported by the next one that can.
 */
export class LogOutput {
  #descriptor: number
  #bytes: number
  #lost = 0
  /** The last line was written in part only. */
  #torn = false
  #checkedMs = performance.now()

  private constructor(private readonly parts: LogOutputParts) {
    this.#descriptor = parts.descriptor
    this.#bytes = parts.file === undefined ? 0 : fstatSync(parts.descriptor).size
  }

  /** @throws RigUnavailable when the file cannot be opened */
  static file(file: string, mostBytes = MOST_BYTES): LogOutput {
    let descriptor: number
    try {
      descriptor = openSync(file, APPEND | O_CREAT, 0o600)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new RigUnavailable(
        `the log ${file} cannot be opened (${reason})`,
        'name a file that can be written',
      )
    }
    return new LogOutput({ descriptor, mostBytes, file: fstatSync(descriptor).isFile() ? file : undefined })
  }

  /** The standard error of this process. A pipe is opened anew, since its own descriptor waits for its reader. */
  static standardError(): LogOutput {
    let descriptor = STANDARD_ERROR
    try {
      if (fstatSync(STANDARD_ERROR).isFIFO()) descriptor = openSync('/proc/self/fd/2', APPEND)
    } catch {
      // Not on this system, or closed: then as it is.
    }
    return new LogOutput({ descriptor, mostBytes: Infinity })
  }

  /** @param line ends in a line feed */
  write(line: string): void {
    this.#keepBounded()
    const report = this.#lost === 0 ? '' : lossReport(this.#lost)
    if (this.#put(report + line)) this.#lost = 0
    else this.#lost++
  }

  close(): void {
    if (this.#lost > 0) this.#put(lossReport(this.#lost))
    if (this.#descriptor === STANDARD_ERROR) return
    try {
      closeSync(this.#descriptor)
    } catch {
      // What was written is written.
    }
  }

  #put(text: string): boolean {
    if (this.#bytes >= 2 * this.parts.mostBytes) return false
    const bytes = Buffer.from(this.#torn ? `\n${text}` : text)
    let written = 0
    try {
      written = writeSync(this.#descriptor, bytes)
    } catch {
      return false
    }
    this.#bytes += this.parts.file === undefined ? 0 : written
    this.#torn = written < bytes.length && (written > 0 || this.#torn)
    return written === bytes.length
  }

  #keepBounded(): void {
    const { file, mostBytes } = this.parts
    if (file === undefined) return
    if (this.#bytes >= mostBytes) return this.#reopen(file, `${file}.1`)
    if (performance.now() - this.#checkedMs < CHECK_MS) return
    this.#checkedMs = performance.now()
    const there = statSync(file, { throwIfNoEntry: false })
    if (there?.ino !== fstatSync(this.#descriptor).ino) this.#reopen(file)
  }

  /** The old descriptor is closed when there is a new one: there may be none to be had. */
  #reopen(file: string, aside?: string): void {
    try {
      if (aside !== undefined) renameSync(file, aside)
      let descriptor: number
      try {
        descriptor = openSync(file, APPEND | O_CREAT, 0o600)
      } catch (error) {
        if (aside !== undefined) renameSync(aside, file)
        throw error
      }
      closeSync(this.#descriptor)
      this.#descriptor = descriptor
      this.#bytes = fstatSync(descriptor).size
      this.#torn = false
    } catch {
      // Goes on with what is open; beyond twice the limit lines are counted as lost.
    }
  }
}

function lossReport(lines: number): string {
  return `${JSON.stringify({ at: new Date().toISOString(), event: 'log-lines-lost', lines })}\n`
}
