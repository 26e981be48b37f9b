import { percentile } from '../benchmarks/percentile.js'

/** State changes that a user is told of: from the lock's event to the message on the phone. */
export const CARDS = ['accepted', 'unlocked', 'parked', 'completed'] as const
export type Card = (typeof CARDS)[number]

export type JourneyEnd =
  /** `asked`: some message never came by itself; the user heard of the end when they asked. */
  | { readonly kind: 'completed'; readonly asked: boolean }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Neither completed nor refused by name. */
  | { readonly kind: 'stuck'; readonly where: string }

export interface Latency {
  readonly count: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

/** Counts of one run. */
export interface FleetCounts {
  /** Arrivals of the load model. */
  readonly offered: number
  /** With a user who was free. */
  readonly started: number
  readonly completed: number
  readonly completedAfterAsking: number
  readonly cancelled: number
  readonly refused: Readonly<Record<string, number>>
  readonly stuck: Readonly<Record<string, number>>
}

export function latencyOf(samples: readonly number[]): Latency {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (share: number) => {
    const value = percentile(sorted, share)
    return value === null ? null : Math.round(value * 10) / 10
  }
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99) }
}

export type Curve = readonly (readonly [share: number, ms: number])[]

const CURVE_SHARES = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1]

export function curveOf(samples: readonly number[]): Curve {
  const sorted = [...samples].sort((a, b) => a - b)
  return CURVE_SHARES.flatMap((share) => {
    const value = percentile(sorted, share)
    return value === null ? [] : [[share, Math.round(value * 10) / 10] as const]
  })
}

/** What became of the journeys of a run, and how long things took. */
export class FleetTally {
  offered = 0
  started = 0
  readonly codes: number[] = []
  readonly cards: Readonly<Record<Card, number[]>> = { accepted: [], unlocked: [], parked: [], completed: [] }
  #completed = 0
  #asked = 0
  #cancelled = 0
  readonly #refused = new Map<string, number>()
  readonly #stuck = new Map<string, number>()

  end(end: JourneyEnd): void {
    switch (end.kind) {
      case 'completed':
        this.#completed++
        if (end.asked) this.#asked++
        return
      case 'cancelled':
        this.#cancelled++
        return
      case 'refused':
        this.#refused.set(end.reason, (this.#refused.get(end.reason) ?? 0) + 1)
        return
      case 'stuck':
        this.#stuck.set(end.where, (this.#stuck.get(end.where) ?? 0) + 1)
    }
  }

  get ended(): number {
    const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0)
    return this.#completed + this.#cancelled + sum(this.#refused) + sum(this.#stuck)
  }

  counts(): FleetCounts {
    return {
      offered: this.offered,
      started: this.started,
      completed: this.#completed,
      completedAfterAsking: this.#asked,
      cancelled: this.#cancelled,
      refused: Object.fromEntries(this.#refused),
      stuck: Object.fromEntries(this.#stuck),
    }
  }
}
