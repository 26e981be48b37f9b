import { percentile } from '../percentile.js'
import type { ScanSample } from './scan-set.js'

/** What one reader made of one sample. */
export interface Attempt {
  readonly text: string | undefined
  /** Wall milliseconds, and those of processor time; the latter not for a process of its own. */
  readonly wallMs: number
  readonly processorMs?: number
}

export interface Spread {
  readonly median: number | null
  readonly p95: number | null
}

export interface ReaderRow {
  readonly reader: string
  readonly frames: number
  readonly read: number
  /** Share of the frames that were read, 0…1. */
  readonly rate: number
  /** Texts that no frame showed; in code-free frames any text. */
  readonly falseReads: number
  readonly wallMs: Readonly<Record<string, Spread>>
  readonly processorMs: Readonly<Record<string, Spread>>
  /** Of each degradation: how many of its frames were read. */
  readonly byDegradation: Readonly<Record<string, { readonly read: number; readonly frames: number }>>
}

type Sample = Pick<ScanSample, 'degradation' | 'truth'> & {
  readonly frame: { width: number; height: number }
}

const round = (value: number | null) => (value === null ? null : Math.round(value * 10) / 10)

function spreads(values: ReadonlyMap<string, number[]>): Record<string, Spread> {
  return Object.fromEntries(
    [...values].map(([size, ms]) => {
      const sorted = ms.sort((a, b) => a - b)
      return [size, { median: round(percentile(sorted, 0.5)), p95: round(percentile(sorted, 0.95)) }]
    }),
  )
}

/** Counts what the readers make of a set, and what any of them reads. */
export class Tally {
  readonly #rows = new Map<string, Attempt[]>()
  readonly #samples: Sample[] = []
  /** Readers whose texts count for the union. */
  readonly #union: ReadonlySet<string>
  #readByAny = 0

  constructor(union: readonly string[]) {
    this.#union = new Set(union)
  }

  add({ degradation, truth, frame }: ScanSample, attempts: ReadonlyMap<string, Attempt>): void {
    this.#samples.push({
      degradation,
      ...(truth && { truth }),
      frame: { width: frame.width, height: frame.height },
    })
    for (const [reader, attempt] of attempts) {
      this.#rows.set(reader, [...(this.#rows.get(reader) ?? []), attempt])
    }
    const isRead = [...attempts].some(
      ([reader, { text }]) => this.#union.has(reader) && truth !== undefined && text === truth.text,
    )
    if (isRead) this.#readByAny++
  }

  get frames(): number {
    return this.#samples.length
  }

  /** Frames that at least one reader of the union reads. */
  get readByAny(): number {
    return this.#readByAny
  }

  rows(): ReaderRow[] {
    return [...this.#rows].map(([reader, attempts]) => {
      const wall = new Map<string, number[]>()
      const processor = new Map<string, number[]>()
      const byDegradation: Record<string, { read: number; frames: number }> = {}
      let read = 0
      let falseReads = 0
      for (const [i, { text, wallMs, processorMs }] of attempts.entries()) {
        const sample = this.#samples[i] as Sample
        const size = `${sample.frame.width}x${sample.frame.height}`
        wall.set(size, [...(wall.get(size) ?? []), wallMs])
        if (processorMs !== undefined) processor.set(size, [...(processor.get(size) ?? []), processorMs])
        const part = (byDegradation[sample.degradation] ??= { read: 0, frames: 0 })
        part.frames++
        if (text === undefined) continue
        if (text === sample.truth?.text) {
          read++
          part.read++
        } else falseReads++
      }
      return {
        reader,
        frames: attempts.length,
        read,
        rate: Math.round((read / attempts.length) * 10_000) / 10_000,
        falseReads,
        wallMs: spreads(wall),
        processorMs: spreads(processor),
        byDegradation,
      }
    })
  }
}
