import { table } from '../table.js'
import type { CanBenchmark } from './bench-can.js'
import type { RowFigures } from './bus-row.js'

const whole = (value: number) => Math.round(value).toLocaleString('en')
const times = (ratio: number | undefined) => (ratio === undefined ? '' : `× ${ratio.toFixed(2)}`)

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

const figureCells = ({ framesPerSecond, floodSent, floodLost, p50Us, p99Us }: RowFigures) => [
  whole(framesPerSecond),
  percent(floodLost / floodSent),
  whole(p50Us),
  whole(p99Us),
]

/** The benchmark for people: one table for each question. */
export function canTables(figures: CanBenchmark): string {
  const { machine, buses, limits, codec, isoTp, kernel } = figures
  const kernelLine =
    'measuredOn' in kernel
      ? `socketcan rows: measured on ${kernel.measuredOn}`
      : `no socketcan rows: ${kernel.unavailable}`
  return [
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node}; python-can ${figures.pythonCan}`,
    kernelLine,
    '\nFrames a second, and microseconds from sender to receiver (× is how far Lockstep is ahead)',
    table(
      [
        'bus',
        ...['frames/s', 'lost', 'p50 µs', 'p99 µs'],
        'python-can',
        ...['frames/s', 'lost', 'p50 µs', 'p99 µs'],
        ...['frames/s', 'p50', 'p99'],
      ],
      buses.map(({ ours, theirs, lockstep, pythonCan, ratio }) => [
        ours,
        ...figureCells(lockstep),
        pythonCan ? theirs : 'not here',
        ...(pythonCan ? figureCells(pythonCan) : ['', '', '', '']),
        times(ratio?.framesPerSecond),
        times(ratio?.p50),
        times(ratio?.p99),
      ]),
    ),
    '\nAs many frames as the wire can carry at most (cores used by each side)',
    table(
      ['bus', 'kbit/s', 'frames/s', 'carried/s', 'sent', 'lost', 'sender', 'receiver'],
      limits.map((row) => [
        row.bus,
        whole(row.bitrate / 1_000),
        whole(row.framesPerSecond),
        whole(row.carriedPerSecond),
        whole(row.sent),
        whole(row.lost),
        row.senderCpu.toFixed(2),
        row.receiverCpu.toFixed(2),
      ]),
    ),
    '\nDBC codec, signals a second',
    table(
      ['database', 'decoded', 'decoded in bulk', 'encoded'],
      codec.map((row) => [
        row.database,
        whole(row.decodedSignalsPerSecond),
        whole(row.bulkDecodedSignalsPerSecond),
        whole(row.encodedSignalsPerSecond),
      ]),
    ),
    '\nISO-TP, in the bus’s time',
    table(
      ['kbit/s', 'payload', 'block size', 'bytes/s', 'share of the limit', 'wire busy'],
      isoTp.map((row) => [
        whole(row.bitrate / 1_000),
        whole(row.messageBytes),
        String(row.blockSize),
        whole(row.bytesPerSecond),
        percent(row.shareOfLimit),
        percent(row.load),
      ]),
    ),
  ].join('\n')
}
