import type { BayLedger } from './bay-ledger.js'
import type { Card, Curve, FleetCounts, Latency } from './fleet-tally.js'
import type { FleetPlan } from './fleet-plan.js'

export type ToFleet =
  | { readonly kind: 'connect'; readonly plan: FleetPlan }
  /** Wishes come up from now on. */
  | { readonly kind: 'play' }
  /** No more wishes; journeys under way go on. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'close' }

/** What a fleet saw, in figures. */
export interface FleetFigures {
  readonly journeys: FleetCounts
  /** Wishes came up for so long, wall seconds. */
  readonly offeredSeconds: number
  /** From the first wish to the end of the last journey, wall seconds. */
  readonly playedSeconds: number
  readonly offeredPerMinute: number
  /** Journeys that came to an end of their own while wishes came up, a minute. */
  readonly achievedPerMinute: number
  /** While wishes came up: how many in the second half of that time, and how many journeys ended then. */
  readonly secondHalf: { readonly offered: number; readonly ended: number }
  /** From the wish to the picture of the code at the phone. */
  readonly wishToCode: Latency
  /** From the lock's event to the message at the phone: one by one, and all of them. */
  readonly changeToCard: Readonly<Record<Card, Latency>> & { readonly all: Latency }
  /** Share of all that were no slower, and that many milliseconds: for the picture. */
  readonly curves: { readonly wishToCode: Curve; readonly changeToCard: Curve }
  readonly breaches: { readonly count: number; readonly first: BayLedger['breaches'] }
  /** Faults of the fleet's own links: connections lost, messages malformed. */
  readonly linkFaults: { readonly count: number; readonly first: readonly string[] }
  /** What this process itself was late by: the part of each latency that is not the parties'. */
  readonly ownDelayP99Ms: number
}

export interface FleetProgress {
  readonly offered: number
  readonly underWay: number
  readonly ended: number
  readonly waitingForUser: number
}

export type FromFleet =
  | { readonly kind: 'connecting'; readonly locks: number; readonly vehicles: number; readonly users: number }
  | { readonly kind: 'connected' }
  | { readonly kind: 'progress'; readonly progress: FleetProgress }
  | { readonly kind: 'finished'; readonly figures: FleetFigures }
  | { readonly kind: 'failed'; readonly error: string; readonly message: string }
