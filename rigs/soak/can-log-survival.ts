import type { CanLogEntry, ReadableCanLogFormat } from '../../reference/can/can-log.js'
import { hexBytes, sameCanLogEntry } from '../../reference/can/can-log.js'
import { readCanLog, textLines } from '../../reference/can/can-log-reader.js'
import { canLogWriter } from '../../reference/can/can-log-writer.js'
import { seededRandom } from '../simulated/seeded-random.js'
import { logEntry } from './can-log-fuzz.js'
import { Draws } from './draws.js'

const FORMATS = ['candump', 'candump-text', 'asc', 'trc'] as const
const FIRST_US = 1_700_000_000_000_000
/** One line of each format, to stand where it has no place. */
const STRANGERS: Readonly<Record<ReadableCanLogFormat, string>> = {
  candump: '(1.000000) can0 123#11',
  'candump-text': ' (1.000000)  can0  123   [1]  11',
  asc: '   1.000000 1  123             Rx   d 1 11',
  trc: '      1      1000.000 DT 1      0123 Rx -  1    11',
}

/** As candump shows it, which no writer here does. */
function candumpTextLine({ timestampUs, channel, frame }: CanLogEntry): string {
  if (!frame) throw new TypeError('frames only')
  const time = `(${Math.floor(timestampUs / 1e6)}.${String(timestampUs % 1e6).padStart(6, '0')})`
  const id = frame.id.toString(16).padStart(frame.extended ? 8 : 3, '0')
  return ` ${time}  ${channel}  ${id}   [${frame.data.length}]  ${hexBytes(frame.data, ' ')}`.trimEnd()
}

/** Entries that come back from the format as they are. */
function carried(draws: Draws, format: ReadableCanLogFormat, timestampUs: number): CanLogEntry {
  for (;;) {
    const entry = logEntry(draws, timestampUs)
    if (format === 'candump-text') {
      if (!entry.frame || entry.frame.remote || entry.frame.fd) continue
      return { timestampUs, channel: entry.channel, frame: entry.frame }
    }
    let lost = false
    canLogWriter(format, { onLoss: () => (lost = true) }).write(entry)
    if (!lost) return entry
  }
}

/** A line that is none of the format, whatever happens. */
function badLine(draws: Draws, format: ReadableCanLogFormat, good: string, first: boolean): string {
  const kinds = [
    // Cut before the id.
    () => good.slice(0, good.search(/\S/) + 1 + draws.below(9)),
    () => good.replace(/\d/, 'G'),
    () =>
      `?${Buffer.from(draws.bytes(draws.below(60)))
        .toString('latin1')
        .replace(/[\r\n]/g, ' ')}`,
    () => '\u0000'.repeat(1 + draws.below(5_000)),
    () => `?${'x'.repeat(65_536 + draws.below(draws.chance(0.2) ? 70_000 : 10))}`,
  ]
  if (!first) kinds.push(() => STRANGERS[draws.pick(FORMATS.filter((each) => each !== format))])
  return draws.pick(kinds)()
}

export interface SurvivalFigures {
  readonly logs: number
  readonly framesPut: number
  readonly badLines: number
}

/** A good entry was lost or changed, an entry came from nowhere, or a bad line was not reported. */
export class LogDidNotSurvive extends Error {
  override readonly name = 'LogDidNotSurvive'
}

/**
 * Logs of every format with bad lines between the good ones: every good entry is kept, and every bad line reported.
 * @throws LogDidNotSurvive
 */
export async function survive({
  count,
  seed,
}: {
  readonly count: number
  readonly seed: number
}): Promise<SurvivalFigures> {
  const draws = new Draws(seededRandom(seed))
  const figures = { logs: 0, framesPut: 0, badLines: 0 }
  for (; figures.logs < count; figures.logs++) {
    const format = draws.pick(FORMATS)
    const { lines, entries, bad } = damagedLog(draws, format)
    const text = lines.join(draws.pick(['\n', '\r\n'])) + draws.pick(['', '\n'])
    const faults: number[] = []
    const kept: CanLogEntry[] = []
    const onFault = ({ line }: { readonly line: number }) => void faults.push(line)
    const read = readCanLog(textLines(pieces(draws, Buffer.from(text)), { onFault }), { onFault })
    for await (const entry of read) kept.push(entry)
    const what = `seed ${seed}, log ${figures.logs} (${format})`
    const differs = entries.findIndex((entry, i) => !kept[i] || !sameCanLogEntry(entry, kept[i]))
    if (differs >= 0 || kept.length !== entries.length) {
      throw new LogDidNotSurvive(
        `${what}: ${entries.length} frames put in, ${kept.length} kept, the first that differs is ${differs}:\n${text.slice(0, 4_000)}`,
      )
    }
    if (faults.sort((a, b) => a - b).join() !== bad.join()) {
      throw new LogDidNotSurvive(`${what}: bad lines ${bad.join()}, reported ${faults.join()}`)
    }
    figures.framesPut += entries.length
    figures.badLines += bad.length
  }
  return figures
}

function damagedLog(draws: Draws, format: ReadableCanLogFormat) {
  const writer = format === 'candump-text' ? undefined : canLogWriter(format)
  const lines: string[] = []
  const entries: CanLogEntry[] = []
  const bad: number[] = []
  let timestampUs = FIRST_US
  for (let left = 1 + draws.below(12); left > 0; left--) {
    timestampUs += draws.below(1_000_000)
    const entry = carried(draws, format, timestampUs)
    const written = (writer?.write(entry) ?? candumpTextLine(entry))
      .replaceAll('\r', '')
      .trimEnd()
      .split('\n')
    const good = written.at(-1) as string
    for (const line of written) {
      while (draws.chance(entries.length === 0 ? 0.05 : 0.4)) {
        lines.push(badLine(draws, format, good, entries.length === 0))
        bad.push(lines.length)
      }
      lines.push(line)
    }
    entries.push(entry)
  }
  if (draws.chance(0.5)) {
    lines.push(badLine(draws, format, lines.at(-1) as string, false))
    bad.push(lines.length)
  }
  return { lines, entries, bad }
}

async function* pieces(draws: Draws, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const most = bytes.length > 10_000 ? 65_536 : draws.pick([7, 100, 5_000])
  for (let at = 0; at < bytes.length;) {
    const length = 1 + draws.below(most)
    yield bytes.subarray(at, (at += length))
  }
}
