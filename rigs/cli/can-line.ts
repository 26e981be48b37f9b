import { hexBytes, type CanLogEntry } from '../../reference/can/can-log.js'
import { formatCandumpLine } from '../../reference/can/candump-log.js'
import {
  decodedFrameJson,
  formatDecodedFrame,
  type DecodedFrame,
} from '../../reference/can/dbc-frame-format.js'
import type { CanDatabases } from './can-databases.js'

const idText = (id: number, extended: boolean) =>
  id
    .toString(16)
    .toUpperCase()
    .padStart(extended ? 8 : 3, '0')

function timeText(timestampUs: number): string {
  // A log without times has 0 throughout.
  if (timestampUs === 0) return ''
  const seconds = String(Math.floor(timestampUs / 1_000_000)).padStart(10, '0')
  return `(${seconds}.${String(timestampUs % 1_000_000).padStart(6, '0')})  `
}

/** As candump shows it to people: `(1436509052.249713)  can0  123   [2]  11 22` */
function humanLine(entry: CanLogEntry): string {
  const head = `${timeText(entry.timestampUs)}${entry.channel}  `
  if (!entry.frame) {
    const { errorClass, data } = entry.errorFrame
    return `${head}${idText(errorClass + 0x2000_0000, true)}   [8]  ${hexBytes(data, ' ')}   ERRORFRAME`
  }
  const { id, extended, data, remote, remoteLength, fd } = entry.frame
  const length = remote ? (remoteLength ?? 0) : data.length
  const box = fd ? ` [${String(length).padStart(2, '0')}]` : `  [${length}]`
  return `${head}${idText(id, extended)} ${box}  ${remote ? 'remote request' : hexBytes(data, ' ')}`.trimEnd()
}

/** `… :: Message(Signal: value unit, …)` */
export function decodedLine(entry: CanLogEntry, decoded: DecodedFrame | undefined): string {
  if (!entry.frame) return humanLine(entry)
  const what = decoded ? formatDecodedFrame(decoded) : 'unknown id'
  return `${humanLine(entry)} :: ${what}`
}

/** One JSON document. */
export function jsonLine(entry: CanLogEntry, decoded?: DecodedFrame): string {
  const { timestampUs, channel, direction } = entry
  const place = { timestampUs, channel, ...(direction ? { direction } : {}) }
  if (!entry.frame) {
    const { errorClass, data } = entry.errorFrame
    return JSON.stringify({ ...place, error: { class: errorClass, data: hexBytes(data) } })
  }
  const { data, ...frame } = entry.frame
  return JSON.stringify({
    ...place,
    ...frame,
    data: hexBytes(data),
    ...(decoded ? decodedFrameJson(decoded) : {}),
  })
}

export interface LineStyle {
  readonly json?: boolean
  readonly databases?: CanDatabases
}

/** One line of output, without its end: candump's log format unless the style asks for another. */
export function entryLine(entry: CanLogEntry, { json, databases }: LineStyle): string {
  const decoded = databases?.decode(entry)
  if (json) return jsonLine(entry, decoded)
  return databases ? decodedLine(entry, decoded) : formatCandumpLine(entry)
}
