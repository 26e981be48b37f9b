import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { EventLog } from '../../reference/ports/event-log.js'
import type { Redactor } from './redaction.js'
import { RigFault } from '../../reference/ports/faults.js'

/** What a process saw: a message on a wire (`from`, `to`), or something that happened inside a party (`event`). */
export interface TimelineFact {
  readonly wire?: string
  /** E.g. `message`, `request`, `response`, `frame`, `edge`, `event`. */
  readonly kind: string
  readonly from?: string
  readonly to?: string
  /** Kebab-case name. */
  readonly event?: string
  /** Ties all facts of one user command together, across parties. */
  readonly correlationId?: string
  readonly body?: unknown
}

/** One line of `timeline/<process>.ndjson`. */
export interface TimelineEntry extends TimelineFact {
  readonly process: string
  /** 1, 2, 3… within the process, over its restarts. */
  readonly sequence: number
  /** Nanoseconds of CLOCK_MONOTONIC, which all processes of a host share; decimal, since it exceeds a double. */
  readonly monotonic: string
}

export interface Timeline {
  /** Redacts and appends at once: a `kill -9` loses nothing that was recorded. @throws EvidenceUnwritable */
  record(fact: TimelineFact): void
  /** The log of one party; its fields become the body. */
  eventLog(party: string): EventLog
  close(): void
}

export interface TimelineOptions {
  /** The evidence folder. */
  readonly folder: string
  /** Letters, digits, `.`, `_`, `-`. */
  readonly process: string
  readonly redactor: Redactor
  /** Nanoseconds; for tests. */
  readonly monotonic?: () => string
}

/** Thrown when the evidence cannot be written: a run without evidence has no verdict. */
export class EvidenceUnwritable extends RigFault {
  override readonly name = 'EvidenceUnwritable'
  constructor(file: string, cause: unknown) {
    super(
      `${file} cannot be written, so the run would have no evidence; is the disk full, the folder read-only?`,
      { cause },
    )
  }
}

/** Now, as the timelines count it. */
export function monotonicNow(): string {
  return process.hrtime.bigint().toString()
}

/** Opens (or, after a restart of the process, continues) one process's timeline. @throws EvidenceUnwritable */
export function openTimeline(options: TimelineOptions): Timeline {
  const { folder, redactor, monotonic = monotonicNow } = options
  if (!/^[\w.-]{1,80}$/.test(options.process)) {
    throw new EvidenceUnwritable(`timeline/${options.process}.ndjson`, new Error('not a name of a process'))
  }
  const file = join(folder, 'timeline', `${options.process}.ndjson`)
  let descriptor: number | undefined
  let sequence = 0
  const append = (line: string) => {
    try {
      if (descriptor !== undefined) writeSync(descriptor, line)
    } catch (cause) {
      throw new EvidenceUnwritable(file, cause)
    }
  }
  try {
    mkdirSync(join(folder, 'timeline'), { recursive: true })
    descriptor = openSync(file, 'a')
    const before = readFileSync(file, 'utf8')
    sequence = before.split('\n').filter(Boolean).length
    // A killed predecessor may have left half a line: it must not swallow the next one.
    if (before !== '' && !before.endsWith('\n')) append('\n')
  } catch (cause) {
    throw cause instanceof EvidenceUnwritable ? cause : new EvidenceUnwritable(file, cause)
  }

  function record(fact: TimelineFact): void {
    const entry = { process: options.process, sequence: ++sequence, monotonic: monotonic() }
    const redacted = redactor.value(fact)
    append(
      JSON.stringify({ ...entry, ...(typeof redacted === 'object' ? redacted : { kind: 'unreadable' }) }) +
        '\n',
    )
  }

  return {
    record,
    eventLog: (party) => ({
      record: (event, fields, correlationId) =>
        record({
          kind: 'event',
          from: party,
          event,
          ...(correlationId === undefined ? {} : { correlationId }),
          ...(fields === undefined ? {} : { body: fields }),
        }),
    }),
    close() {
      if (descriptor !== undefined) closeSync(descriptor)
      descriptor = undefined
    },
  }
}
