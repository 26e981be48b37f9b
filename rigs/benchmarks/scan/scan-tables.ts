import type { ScanBenchmark, SetFigures } from './bench-scan.js'
import { table } from '../table.js'
import type { Spread } from './tally.js'

const percent = (share: number) => `${(share * 100).toFixed(1)} %`
const pair = (spread: Spread | undefined) =>
  spread ? `${spread.median?.toFixed(1) ?? '–'} / ${spread.p95?.toFixed(1) ?? '–'}` : '–'

const SIZES = ['640x480', '1280x720']

function setTable({ rows }: SetFigures): string {
  const head = ['reader', 'read', 'of', 'rate', 'false', ...SIZES.map((size) => `${size} ms median / p95`)]
  return table(
    head,
    rows.map(({ reader, read, frames, rate, falseReads, wallMs }) => [
      reader,
      String(read),
      String(frames),
      percent(rate),
      String(falseReads),
      ...SIZES.map((size) => pair(wallMs[size])),
    ]),
  )
}

function degradationTable({ rows }: SetFigures): string {
  const names = Object.keys(rows[0]?.byDegradation ?? {})
  return table(
    ['read of each degradation', ...rows.map(({ reader }) => reader)],
    names.map((name) => [name, ...rows.map(({ byDegradation }) => String(byDegradation[name]?.read ?? 0))]),
  )
}

/** The benchmark for people. */
export function scanTables({
  machine,
  seed,
  zbarimg,
  qr,
  code128,
  codeFree,
  latency,
}: ScanBenchmark): string {
  const { resultAgeMs } = latency
  return [
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node}; seed ${seed}; zbarimg ${zbarimg}`,
    `QR codes (any decoder alone reads ${qr.readByAnyDecoder} of ${qr.frames})\n${setTable(qr)}`,
    degradationTable(qr),
    `Code 128 (any decoder alone reads ${code128.readByAnyDecoder} of ${code128.frames})\n${setTable(code128)}`,
    degradationTable(code128),
    `Frames without a code\n${setTable(codeFree)}`,
    `${latency.framesPerSecond} frames a second, a decoder of ${latency.decoderMs} ms: ${latency.looks} looks, ` +
      `${latency.droppedFrames} frames dropped, result age ${resultAgeMs.median?.toFixed(0)} ms median, ` +
      `${resultAgeMs.largest?.toFixed(0)} ms at most, ${latency.staleResults} stale results`,
  ].join('\n\n')
}
