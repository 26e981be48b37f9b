import { MalformedCanFrame } from '../ports/can-bus.js'
import { ASC_END, ascHeader, ascLosses, formatAscLine } from './asc-log-writer.js'
import { requireSendable } from './can-frame-check.js'
import { NotCarriedByLog, type CanLogEntry, type CanLogFormat, type CanLogLoss } from './can-log.js'
import { ERROR_FRAME_BYTES } from './candump-frame.js'
import { formatCandumpLineFor } from './candump-log.js'
import { ChannelNumbers } from './log-channel.js'
import { formatTrcLine, trcHeader, trcLosses } from './trc-log-writer.js'

export interface CanLogWriterOptions {
  /**
   * Called for everything that an entry loses; the entry is then written without it, or left out where nothing of it
   * can be written. Without it the writer throws NotCarriedByLog.
   */
  readonly onLoss?: (loss: CanLogLoss, entry: CanLogEntry) => void
  /** Minutes by which the clock of an ASC or TRC file is to be ahead of UTC; 0 unless told. */
  readonly utcOffsetMinutes?: number
  /** candump: whether FD frames show the FDF bit, as they do on current kernels; true unless told. */
  readonly fdfFlag?: boolean
}

export interface CanLogWriter {
  readonly format: CanLogFormat
  /**
   * @returns the text to append: a line, with the header before the first one
   * @throws NotCarriedByLog, MalformedCanFrame
   */
  write(entry: CanLogEntry): string
  /** @returns the text that ends the file */
  end(): string
}

/** @throws MalformedCanFrame */
function requireLoggable(entry: CanLogEntry): void {
  if (entry.frame) return requireSendable(entry.frame)
  const { errorClass, data } = entry.errorFrame
  if (!Number.isInteger(errorClass) || errorClass < 0 || errorClass > 0x1fff_ffff) {
    throw new MalformedCanFrame(`error class ${String(errorClass)} is not 0…0x1FFFFFFF`)
  }
  if (data.length !== ERROR_FRAME_BYTES) {
    throw new MalformedCanFrame(`an error frame has ${ERROR_FRAME_BYTES} bytes, not ${data.length}`)
  }
}

function candumpLosses({ channel }: CanLogEntry): CanLogLoss[] {
  if (/^\S+$/.test(channel)) return []
  return [{ field: 'channel', problem: `candump's names have no blanks: _ stands for them`, drops: false }]
}

const FORMAT_LOSSES = { candump: candumpLosses, asc: ascLosses, trc: trcLosses }

function timeLosses({ timestampUs }: CanLogEntry): CanLogLoss[] {
  if (Number.isSafeInteger(timestampUs) && timestampUs >= 0) return []
  const sound = timestampUs >= 0 && timestampUs <= Number.MAX_SAFE_INTEGER
  const problem = sound ? 'logs are as fine as 1 µs: it is rounded' : `${timestampUs} is no time of a log`
  return [{ field: 'timestampUs', problem, drops: !sound }]
}

/**
 * What writing this entry in a format and reading it again would lose; empty when the entry comes back the same.
 * @throws MalformedCanFrame
 */
export function losses(entry: CanLogEntry, format: CanLogFormat): CanLogLoss[] {
  requireLoggable(entry)
  return [...timeLosses(entry), ...FORMAT_LOSSES[format](entry)]
}

const SECOND_US = 1_000_000

/** Writes a log entry by entry. ASC and TRC count their times from the second in which the first entry falls. */
export function canLogWriter(
  format: CanLogFormat,
  { onLoss, utcOffsetMinutes = 0, fdfFlag = true }: CanLogWriterOptions = {},
): CanLogWriter {
  const channels = new ChannelNumbers()
  const offsetUs = utcOffsetMinutes * 60 * SECOND_US
  let startUs: number | undefined
  let written = 0

  function header(firstUs: number): string {
    if (startUs !== undefined || format === 'candump') return ''
    startUs = Math.floor(firstUs / SECOND_US) * SECOND_US
    const wallUs = Math.max(0, startUs + offsetUs)
    return format === 'asc' ? ascHeader(wallUs / 1_000) : trcHeader(wallUs)
  }

  function lossesOf(entry: CanLogEntry): CanLogLoss[] {
    const found = losses(entry, format)
    const early = startUs !== undefined && entry.timestampUs < startUs
    if (early)
      found.push({ field: 'timestampUs', problem: `${format} has no time before its first`, drops: false })
    return found
  }

  function line(entry: CanLogEntry): string {
    if (format === 'candump') {
      return `${formatCandumpLineFor({ ...entry, channel: entry.channel.replace(/\s/g, '_') || '_' }, { fdfFlag })}\n`
    }
    const atUs = Math.max(0, Math.round(entry.timestampUs) - (startUs ?? 0))
    const number = channels.of(entry.channel)
    return format === 'asc'
      ? formatAscLine(entry, atUs, number)
      : formatTrcLine(entry, atUs, number, ++written)
  }

  return {
    format,
    write(entry) {
      const found = lossesOf(entry)
      for (const loss of found) {
        if (!onLoss) throw new NotCarriedByLog(format, loss.field, loss.problem)
        onLoss(loss, entry)
      }
      if (found.some(({ drops }) => drops)) return ''
      return header(Math.round(entry.timestampUs)) + line(entry)
    },
    end: () => header(0) + (format === 'asc' ? ASC_END : ''),
  }
}
