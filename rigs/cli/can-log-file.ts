import {
  createReadStream,
  createWriteStream,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type { CanLogEntry, CanLogFormat, CanLogLoss, CanLogSyntaxError } from '../../reference/can/can-log.js'
import {
  readCanLog,
  textLines,
  type CanLogReader,
  type ReadCanLogOptions,
} from '../../reference/can/can-log-reader.js'
import { canLogWriter, type CanLogWriterOptions } from '../../reference/can/can-log-writer.js'
import type { CanIo } from './can-io.js'
import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'

/** A pipe may stand for a file. @throws UsageError */
export function requireFile(file: string): void {
  const status = statSync(file, { throwIfNoEntry: false })
  if (!status) throw new UsageError(`there is no file ${file}`)
  if (status.isDirectory()) throw new UsageError(`${file} is a folder`)
}

/** A log to read, and what its reader passed over. */
export interface LogInput {
  entries(): AsyncGenerator<CanLogEntry>
  /** Lines that held no frame, by kind; of the last reading. */
  skipped(): ReadonlyMap<string, number>
  /** Lines that were left out because they are none of the format; of the last reading. */
  faults(): number
}

export interface OpenLogOptions extends Omit<ReadCanLogOptions, 'name' | 'onReader' | 'onFault'> {
  /** The first bad line ends the reading. */
  readonly strict?: boolean | undefined
}

/**
 * Each bad line is reported as `FILE:LINE:COLUMN: PROBLEM` and left out.
 * @param file its name, or `-` for the standard input, which can be read once
 * @throws UsageError
 */
export function openLog(
  file: string,
  io: CanIo,
  { strict = false, ...options }: OpenLogOptions = {},
): LogInput {
  if (file !== '-') requireFile(file)
  let reader: CanLogReader | undefined
  let faults = 0
  let readings = 0
  return {
    async *entries() {
      faults = 0
      const repeated = readings++ > 0
      const onFault = ({ line, column, problem }: CanLogSyntaxError) => {
        if (io.stop.aborted) return
        faults++
        if (!repeated) io.tell(`${file}:${line}:${column}: ${problem}`)
      }
      const tolerance = strict ? {} : { onFault }
      try {
        yield* readCanLog(textLines(file === '-' ? io.input : createReadStream(file), tolerance), {
          ...options,
          ...tolerance,
          ...(file === '-' ? {} : { name: file }),
          onReader: (opened) => (reader = opened),
        })
      } catch (error) {
        // The command's end may cut the input in the middle of a line.
        if (io.stop.aborted) return
        if (error instanceof Error && 'syscall' in error)
          throw new UsageError(`${file} cannot be read`, { cause: error })
        throw error
      }
    },
    skipped: () => reader?.skipped ?? new Map(),
    faults: () => faults,
  }
}

/** Says what of a log was not read. @returns the exit code that follows from it */
export function tellLeftOut(log: LogInput, io: CanIo): number {
  for (const [kind, count] of log.skipped()) io.tell(`passed over: ${count} × ${kind}`)
  const faults = log.faults()
  if (faults === 0) return EXIT.passed
  io.tell(`${faults} bad ${faults === 1 ? 'line was' : 'lines were'} left out; --strict refuses such a log`)
  return EXIT.partlyRead
}

/** What a log could not carry, by field. */
export class LossTally {
  readonly #losses = new Map<string, { readonly loss: CanLogLoss; count: number }>()

  readonly count = (loss: CanLogLoss): void => {
    const key = `${loss.field} ${loss.problem}`
    const tally = this.#losses.get(key) ?? { loss, count: 0 }
    tally.count++
    this.#losses.set(key, tally)
  }

  tell(format: CanLogFormat, io: CanIo): void {
    for (const { loss, count } of this.#losses.values()) {
      io.tell(
        `not carried by ${format}: ${loss.field} of ${count} ${count === 1 ? 'entry' : 'entries'}: ${loss.problem}`,
      )
    }
  }
}

/** Thrown when a log that was begun cannot be written on: the disk is full, or gone. No mistake of whoever asked. */
export class LogNotWritten extends Error {
  override readonly name = 'LogNotWritten'
}

/** A log that is written to a file beside the one that it becomes when it is whole; into a pipe or a device, straight. */
export class LogOutput {
  readonly losses = new LossTally()
  /** Where a link leads. */
  readonly #target: string
  readonly #part: string
  readonly #isPart: boolean
  #drained: Promise<unknown> | undefined
  readonly #stream
  readonly #writer

  /**
   * @param strict throws NotCarriedByLog instead of telling at the end
   * @throws UsageError
   */
  constructor(
    readonly file: string,
    readonly format: CanLogFormat,
    { strict = false, ...options }: Omit<CanLogWriterOptions, 'onLoss'> & { readonly strict?: boolean } = {},
  ) {
    const there = this.#status()
    if (there?.isDirectory()) throw new UsageError(`${file} is a folder`)
    this.#isPart = !there || there.isFile()
    this.#target = there ? realpathSync(file) : file
    this.#part = this.#isPart ? `${this.#target}.part` : file
    this.#stream = createWriteStream(this.#part, { fd: this.#open() })
    // Told where it is awaited: on the next write or at the end.
    this.#stream.on('error', () => undefined)
    this.#writer = canLogWriter(format, { ...options, ...(strict ? {} : { onLoss: this.losses.count }) })
  }

  /** Resolves when more may be written. @throws LogNotWritten, NotCarriedByLog */
  async write(entry: CanLogEntry): Promise<void> {
    this.#requireSound()
    if (this.#stream.write(this.#writer.write(entry))) return
    // All that wait, wait for the same: a dump does not hold the bus back.
    this.#drained ??= once(this.#stream, 'drain')
      .catch((cause: unknown) => this.#failed(cause))
      .finally(() => (this.#drained = undefined))
    await this.#drained
  }

  /** @throws LogNotWritten */
  async end(): Promise<void> {
    this.#requireSound()
    this.#stream.end(this.#writer.end())
    await finished(this.#stream).catch((cause: unknown) => this.#failed(cause))
    if (this.#isPart) renameSync(this.#part, this.#target)
  }

  /** Leaves nothing. */
  async discard(): Promise<void> {
    this.#stream.destroy()
    await finished(this.#stream).catch(() => undefined)
    if (this.#isPart) rmSync(this.#part, { force: true })
  }

  #status() {
    try {
      return statSync(this.file, { throwIfNoEntry: false })
    } catch (cause) {
      return this.#refuse(cause)
    }
  }

  /** At once, so that a file that cannot be written is told before there is anything to write. */
  #open(): number {
    try {
      return openSync(this.#part, 'w')
    } catch (cause) {
      return this.#refuse(cause)
    }
  }

  #requireSound(): void {
    if (this.#stream.errored) this.#failed(this.#stream.errored)
  }

  #refuse(cause: unknown): never {
    throw new UsageError(`${this.file} cannot be written`, { cause })
  }

  #failed(cause: unknown): never {
    throw new LogNotWritten(`${this.file} could not be written to its end`, { cause })
  }
}
