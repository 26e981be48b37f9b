import { frameName } from '../../reference/can/can-frame-check.js'
import { frameKey } from '../../reference/can/dbc-model.js'
import { CanDatabases } from './can-databases.js'
import type { DbcFileFlags } from './can-dbc.js'
import { formatFlag, utcOffsetFlag } from './can-flags.js'
import type { CanIo } from './can-io.js'
import { decodedLine, jsonLine } from './can-line.js'
import { openLog, tellLeftOut } from './can-log-file.js'

export interface CanDecodeFlags extends DbcFileFlags {
  /** `FILE`, or `CHANNEL=FILE` for one channel. */
  readonly dbc: readonly string[]
  readonly json?: boolean
  /** Format of the log, where its content does not say. */
  readonly from?: string
  readonly utcOffset?: string
  /** A bad line of the log ends the command. */
  readonly strict?: boolean
}

/** How many unknown ids are named. */
const NAMED_IDS = 8

/**
 * Prints a log with what its frames say by a DBC file.
 * @param file the log, any format, or `-`
 * @returns the exit code
 * @throws UsageError, DbcSyntaxError, CanLogSyntaxError
 */
export async function canDecode(file: string, flags: CanDecodeFlags, io: CanIo): Promise<number> {
  const utcOffsetMinutes = utcOffsetFlag(flags.utcOffset)
  const databases = new CanDatabases(flags.dbc, flags, io)
  const from = formatFlag('--from', flags.from)
  const log = openLog(file, io, { utcOffsetMinutes, strict: flags.strict, ...(from ? { format: from } : {}) })
  const counts = { frames: 0, decoded: 0, unknown: 0, short: 0 }
  const unknownIds = new Map<number, string>()
  for await (const entry of log.entries()) {
    if (io.stop.aborted) break
    const decoded = databases.decode(entry)
    if (entry.frame) {
      counts.frames++
      // A request has nothing to decode, known or not.
      if (!entry.frame.remote && decoded) counts[decoded.problem === undefined ? 'decoded' : 'short']++
      if (!entry.frame.remote && !decoded) {
        counts.unknown++
        unknownIds.set(frameKey(entry.frame), frameName(entry.frame))
      }
    }
    io.out(`${flags.json ? jsonLine(entry, decoded) : decodedLine(entry, decoded)}\n`)
  }
  io.tell(`${counts.frames} frames, ${counts.decoded} decoded`)
  if (counts.short > 0) io.tell(`${counts.short} frames are shorter than their messages`)
  if (counts.unknown > 0) {
    const named = [...unknownIds.values()].slice(0, NAMED_IDS).join(', ')
    const more = unknownIds.size > NAMED_IDS ? ', …' : ''
    io.tell(`${counts.unknown} frames of ${unknownIds.size} unknown ids: ${named}${more}`)
  }
  return tellLeftOut(log, io)
}
