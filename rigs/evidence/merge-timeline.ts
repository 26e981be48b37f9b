import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord, parseLines } from './tolerant-json.js'
import type { TimelineWindow } from './run-record.js'
import type { TimelineEntry } from './timeline.js'

export interface MergedTimeline {
  /** In causal order: by monotonic time, then process and sequence. */
  readonly entries: readonly TimelineEntry[]
  /** The entries of each user command, in the same order. */
  readonly byCorrelation: ReadonlyMap<string, readonly TimelineEntry[]>
  /** Lines that could not be read, by file: half a last line of a killed process, or damage. */
  readonly unreadable: ReadonlyMap<string, number>
}

/** Merges the timelines of all processes of a run. A folder without any gives an empty one. */
export function mergeTimelines(folder: string): MergedTimeline {
  const timelines = join(folder, 'timeline')
  const entries: TimelineEntry[] = []
  const unreadable = new Map<string, number>()
  const files = existsSync(timelines) ? readdirSync(timelines).filter((file) => file.endsWith('.ndjson')) : []
  for (const file of files.sort()) {
    const { values, broken } = parseLines(readFileSync(join(timelines, file), 'utf8'))
    const good = values.filter(isEntry)
    const bad = broken + values.length - good.length
    entries.push(...good)
    if (bad > 0) unreadable.set(file, bad)
  }
  entries.sort(causally)
  const byCorrelation = new Map<string, TimelineEntry[]>()
  for (const entry of entries) {
    if (entry.correlationId === undefined) continue
    const group = byCorrelation.get(entry.correlationId)
    if (group) group.push(entry)
    else byCorrelation.set(entry.correlationId, [entry])
  }
  return { entries, byCorrelation, unreadable }
}

/** The entries inside a window, both ends included. */
export function sliceTimeline(
  entries: readonly TimelineEntry[],
  { fromMonotonic, toMonotonic }: TimelineWindow,
): TimelineEntry[] {
  const [from, to] = [BigInt(fromMonotonic), BigInt(toMonotonic)]
  return entries.filter(({ monotonic }) => BigInt(monotonic) >= from && BigInt(monotonic) <= to)
}

function causally(a: TimelineEntry, b: TimelineEntry): number {
  const [left, right] = [BigInt(a.monotonic), BigInt(b.monotonic)]
  if (left !== right) return left < right ? -1 : 1
  if (a.process !== b.process) return a.process < b.process ? -1 : 1
  return a.sequence - b.sequence
}

function isEntry(value: unknown): value is TimelineEntry {
  return (
    isRecord(value) &&
    typeof value['process'] === 'string' &&
    typeof value['sequence'] === 'number' &&
    typeof value['kind'] === 'string' &&
    typeof value['monotonic'] === 'string' &&
    /^\d{1,20}$/.test(value['monotonic'])
  )
}
