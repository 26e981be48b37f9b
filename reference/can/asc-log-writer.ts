import type { CanFrame } from '../ports/can-bus.js'
import { formatAscDate } from './asc-date.js'
import { ASC_ERROR, ASC_FLAGS, FD_LENGTH_OF_DLC } from './asc-log-format.js'
import { hexBytes, type CanLogEntry, type CanLogLoss } from './can-log.js'
import { channelLoss } from './log-channel.js'
import { formatLogTime } from './log-time.js'

/** What an ASC file cannot say of the entry. */
export function ascLosses(entry: CanLogEntry): CanLogLoss[] {
  const losses = channelLoss('asc', entry.channel)
  if (entry.frame) {
    if (!entry.direction)
      losses.push({ field: 'direction', problem: 'asc must have one: Rx is written', drops: false })
    return losses
  }
  if (entry.direction) {
    losses.push({ field: 'direction', problem: 'error frames have none in asc', drops: false })
  }
  const { errorClass, data } = entry.errorFrame
  if (errorClass !== ASC_ERROR) {
    const problem = 'asc says that there was an error frame, not of which class'
    losses.push({ field: 'errorClass', problem, drops: false })
  }
  if (data.some((byte) => byte !== 0)) {
    losses.push({ field: 'errorData', problem: 'asc has no data of error frames', drops: false })
  }
  return losses
}

/** @param startMs as if the wall clock of the file were UTC */
export function ascHeader(startMs: number): string {
  const date = formatAscDate(startMs)
  return [
    `date ${date}`,
    'base hex  timestamps absolute',
    'internal events logged',
    `Begin TriggerBlock ${date}`,
    '   0.000000 Start of measurement',
    '',
  ].join('\n')
}

export const ASC_END = 'End TriggerBlock\n'

/** @param offsetUs since the start of the file */
export function formatAscLine(entry: CanLogEntry, offsetUs: number, number: number): string {
  const time = formatLogTime(offsetUs, 1_000_000).padStart(11)
  if (!entry.frame) return `${time} ${number}  ErrorFrame\n`
  const { frame } = entry
  const id = `${frame.id.toString(16).toUpperCase()}${frame.extended ? 'x' : ''}`
  const direction = (entry.direction === 'tx' ? 'Tx' : 'Rx').padEnd(4)
  if (frame.fd) {
    return `${time} CANFD ${String(number).padStart(3)} ${direction} ${id.padStart(9)}  ${''.padEnd(32)} ${fdContent(frame)}\n`
  }
  return `${time} ${String(number).padEnd(2)} ${id.padEnd(15)} ${direction} ${classicContent(frame)}\n`
}

function classicContent({ data, remote, remoteLength, rawDlc }: CanFrame): string {
  const code = (rawDlc ?? (remote ? (remoteLength ?? 0) : data.length)).toString(16).toUpperCase()
  return remote ? `r ${code}` : ['d', code, ...(data.length > 0 ? [hexBytes(data, ' ')] : [])].join(' ')
}

/** Duration and number of bits are not known: 0, as are the settings of the bit timing. */
function fdContent({ data, bitrateSwitch, errorStateIndicator }: CanFrame): string {
  const flags =
    ASC_FLAGS.fd |
    (bitrateSwitch ? ASC_FLAGS.bitrateSwitch : 0) |
    (errorStateIndicator ? ASC_FLAGS.errorStateIndicator : 0)
  return [
    bitrateSwitch ? '1' : '0',
    errorStateIndicator ? '1' : '0',
    FD_LENGTH_OF_DLC.indexOf(data.length).toString(16),
    String(data.length).padStart(2),
    ...(data.length > 0 ? [hexBytes(data, ' ')] : []),
    '0'.padStart(8),
    '0'.padStart(4),
    flags.toString(16).padStart(8),
    '0 0 0 0 0',
  ].join(' ')
}
