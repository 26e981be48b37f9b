import {
  CAN_LOG_FORMATS,
  CanLogSyntaxError,
  type CanLogEntry,
  type ReadableCanLogFormat,
} from '../../reference/can/can-log.js'
import { canLogReader, detectCanLogFormat } from '../../reference/can/can-log-reader.js'
import { canLogWriter } from '../../reference/can/can-log-writer.js'
import type { CanFrame } from '../../reference/ports/can-bus.js'
import type { Draws } from './draws.js'
import type { FuzzTarget } from './fuzz.js'

interface LogInput {
  readonly format: ReadableCanLogFormat
  readonly text: string
}

const ALPHABET = "0123456789ABCDEFabcdefRTxrd#_.:;,=()[]' \t\n-/$%äœ\u0000"

/** Lines as Vector's and PEAK's tools write them, which our own writers do not. */
const SEEDS: Readonly<Record<ReadableCanLogFormat, string>> = {
  candump:
    "(1.000000) can0 123#1122 R\nDROPCOUNT: dropped 3 CAN frames on 'can0' socket\n(2.000000) can0 20000080#\n",
  'candump-text':
    " (003.000001)  vcan0  20000088   [8]  00 04 15 00 00 00 02 01   ERRORFRAME\n\tbus-error\n  vcan0  TX B E  123  [02]  AA BB   '..'\n  can0  123   [4]  remote request\n",
  asc: 'date Sam Sep 30 15:06:13.191 2017\nbase dec  timestamps relative\n   0.015991 CAN 1 Status:chip status error\n   2.501010 1 ErrorFrame ECC: 10100010\n   3.098426 1  418119424x       Rx d 2 01 160    Length = 273910 BitCount = 141 ID = 418119424x\n  30.005071 CANFD   3 Rx        30a  Generic_Name_12                  1 1 9 12 01 02 03 04 05 06 07 08 09 10 11 12   102203  133   307000 e0006659\n   4.000000 1  6F9             TxRq d 1 05\n',
  trc: ';$FILEVERSION=1.1\n;$STARTTIME=37704.5364870833\n     5)      1346.8  Warng  FFFFFFFF  4  00 00 00 04  BUSLIGHT\n     6)      1349.2  Error      0008  4  00 19 08 08\n     7)      1352.7  Rx         0100  3  RTR\n;$FILEVERSION=2.0\n;$COLUMNS=N,O,T,I,d,l,D\n      6      1334.522 ER          Rx    04 00 02 00 00\n     10      1336.543 RR     0100 Rx 3\n',
}

const LENGTHS = [0, 1, 7, 8]
const FD_LENGTHS = [...LENGTHS, 12, 16, 48, 64]

function frame(draws: Draws): CanFrame {
  const extended = draws.chance(0.4)
  const head = { id: draws.below(extended ? 0x2000_0000 : 0x800), extended }
  if (draws.chance(0.2))
    return { ...head, data: new Uint8Array(0), remote: true, remoteLength: draws.below(9) }
  if (draws.chance(0.4)) {
    const bits = { bitrateSwitch: draws.chance(0.5), errorStateIndicator: draws.chance(0.5) }
    return { ...head, data: draws.bytes(draws.pick(FD_LENGTHS)), fd: true, ...bits }
  }
  return { ...head, data: draws.bytes(draws.pick(LENGTHS)) }
}

/** A frame or an error frame on one of three buses. */
export function logEntry(draws: Draws, timestampUs: number): CanLogEntry {
  const place = { timestampUs, channel: draws.pick(['can0', 'can1', 'vcan0']) }
  if (draws.chance(0.1))
    return { ...place, errorFrame: { errorClass: draws.pick([0x80, 0x288]), data: draws.bytes(8) } }
  return { ...place, direction: draws.pick(['rx', 'tx'] as const), frame: frame(draws) }
}

function soundLog(draws: Draws): LogInput {
  if (draws.chance(0.4)) {
    const format = draws.pick(['candump', 'candump-text', 'asc', 'trc'] as const)
    return { format, text: SEEDS[format] }
  }
  const format = draws.pick(CAN_LOG_FORMATS)
  const writer = canLogWriter(format, { onLoss: () => undefined })
  let timestampUs = draws.pick([0, 1_700_000_000_000_000])
  const lines = Array.from({ length: 1 + draws.below(4) }, () => {
    timestampUs += draws.below(1_000_000)
    return writer.write(logEntry(draws, timestampUs))
  })
  return { format, text: lines.join('') + writer.end() }
}

/** Logs of all formats: sound, mutated, read as another format, and noise. */
export const canLogFuzz: FuzzTarget<LogInput> = {
  name: 'CAN logs',
  make(draws) {
    const { format, text } = soundLog(draws)
    if (draws.chance(0.1)) return { format, text }
    if (draws.chance(0.05))
      return { format, text: Buffer.from(draws.bytes(draws.below(200))).toString('latin1') }
    if (draws.chance(0.1))
      return { format: draws.pick(['candump', 'candump-text', 'asc', 'trc'] as const), text }
    return { format, text: draws.mutate(text, ALPHABET) }
  },
  take({ format, text }) {
    detectCanLogFormat(text)
    const reader = canLogReader(format)
    const writers = CAN_LOG_FORMATS.map((each) => canLogWriter(each, { onLoss: () => undefined }))
    for (const [i, line] of text.split('\n').entries()) {
      const read = reader.read(line, i + 1)
      // Whatever was read can be written: a reader lets nothing through that is no frame.
      if (read) for (const writer of writers) writer.write(read)
    }
  },
  rejections: [CanLogSyntaxError],
  show: ({ format, text }) => `${format}: ${JSON.stringify(text)}`,
}
