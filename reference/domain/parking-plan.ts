import { vehicleFits, type BaySize, type Charger, type ChargerKind, type VehicleSize } from './bay-fit.js'
import { distanceMetres, wgs84ToGcj02, type Gcj02Point, type Wgs84Point } from './coordinates.js'
import type { BayId } from './identifiers.js'

/** A space that may be offered. */
export interface ParkingCandidate {
  readonly bayId: BayId
  readonly label: string
  /** The surveyed centre of the bay. */
  readonly location: Wgs84Point
  /** The same in the datum in which places are asked for. */
  readonly onMap: Gcj02Point
  /** Price in fen (0.01 CNY) an hour. */
  readonly pricePerHourFen: number
  /** Without one it counts as the ordinary bay. */
  readonly size?: BaySize
  readonly charger?: Charger
}

/** Converts the location forward, once: there is no need for it at every question. */
export function parkingCandidate(space: Omit<ParkingCandidate, 'onMap'>): ParkingCandidate {
  return { ...space, onMap: wgs84ToGcj02(space.location) }
}

/** What a plan must keep to; a space beyond any of them is not offered, however good it is otherwise. */
export interface PlanningLimits {
  /** Longest walk from the bay to the place, metres. */
  readonly maxWalkMetres: number
  /** Fen an hour. */
  readonly maxPricePerHourFen?: number
  readonly vehicle?: VehicleSize
  /** The vehicle needs to charge: at any charger, or at one of this kind. */
  readonly charger?: 'any' | ChargerKind
}

export const DEFAULT_PLANNING_LIMITS: PlanningLimits = { maxWalkMetres: 1_500 }

/** A limit that a space within walking distance is beyond. */
export type UnmetLimit = 'price' | 'size' | 'charger'

/** The first limit, besides the walk, that a space is beyond. */
export function unmetLimit(space: ParkingCandidate, limits: PlanningLimits): UnmetLimit | undefined {
  if (space.pricePerHourFen > (limits.maxPricePerHourFen ?? Infinity)) return 'price'
  if (limits.vehicle && !vehicleFits(limits.vehicle, space.size)) return 'size'
  const { charger } = limits
  if (charger !== undefined && (!space.charger || (charger !== 'any' && space.charger.kind !== charger))) {
    return 'charger'
  }
  return undefined
}

/** Why this space and not the nearest. */
export type PlanReason =
  | { readonly kind: 'only' | 'nearest' }
  | { readonly kind: 'cheaper'; readonly than: BayId; readonly savesFen: number; readonly moreMetres: number }
  | { readonly kind: 'leaves-charger'; readonly than: BayId; readonly moreMetres: number }

export interface ParkingPlan {
  readonly space: ParkingCandidate
  /** Straight-line distance from the bay to the place, metres. */
  readonly walkMetres: number
  /** Cost of the choice, in metres of walking; the lowest wins. */
  readonly costMetres: number
  readonly reason: PlanReason
}

/** Spaces in reach that are beyond another limit, by the first one that each is beyond. */
export type UnmetCounts = Readonly<Record<UnmetLimit, number>>

export type PlanningResult =
  { readonly plan: ParkingPlan } | { readonly refused: 'no-space-in-reach'; readonly unmet: UnmetCounts }

/** A documented choice: 4.8 km/h, a pace that most people on foot keep. */
const WALKING_METRES_PER_MINUTE = 80

/** How long the walk from a bay takes, whole minutes, rounded up: nobody is promised less than they need. */
export function walkMinutes(walkMetres: number): number {
  return Math.ceil(walkMetres / WALKING_METRES_PER_MINUTE)
}

/**
 * What one yuan an hour weighs against the walk, metres: a documented choice, 20 m a yuan, so that a space that is
 * 5 yuan dearer must save 100 m.
 */
const METRES_PER_YUAN = 20

/** What it weighs to stand at a charger without a need for it, metres: somebody else may need it. */
const IDLE_CHARGER_METRES = 60

/** What a space costs besides the walk, metres. */
function costBesidesWalk(space: ParkingCandidate, limits: PlanningLimits): number {
  const idleCharger = space.charger && limits.charger === undefined ? IDLE_CHARGER_METRES : 0
  return (space.pricePerHourFen / 100) * METRES_PER_YUAN + idleCharger
}

type Judged = Omit<ParkingPlan, 'reason'>

const isBefore = (one: Judged, other: Judged, cost: (plan: Judged) => number) =>
  cost(one) < cost(other) || (cost(one) === cost(other) && one.space.bayId < other.space.bayId)

function reasonFor(best: Judged, nearest: Judged, fitting: number): PlanReason {
  if (fitting === 1) return { kind: 'only' }
  if (best.walkMetres === nearest.walkMetres) return { kind: 'nearest' }
  const moreMetres = best.walkMetres - nearest.walkMetres
  const savesFen = nearest.space.pricePerHourFen - best.space.pricePerHourFen
  const than = nearest.space.bayId
  return savesFen > 0
    ? { kind: 'cheaper', than, savesFen, moreMetres }
    : { kind: 'leaves-charger', than, moreMetres }
}

/**
 * The optimal parking plan (REQ-08): of the spaces within every limit the one with the lowest cost, ties broken by
 * bay id so that the same question always has the same answer. The cost is in metres of walking: the walk, 20 m for
 * each yuan an hour, and 60 m for a charger that is not needed. Ranking happens in GCJ-02, the datum in which places
 * are asked for; spaces are converted forward to it.
 */
export function planParking(
  place: Gcj02Point,
  candidates: Iterable<ParkingCandidate>,
  limits: PlanningLimits = DEFAULT_PLANNING_LIMITS,
): PlanningResult {
  const unmet = { price: 0, size: 0, charger: 0 }
  let best: Judged | undefined
  let nearest: Judged | undefined
  let fitting = 0
  for (const space of candidates) {
    const walkMetres = distanceMetres(place, space.onMap)
    if (walkMetres > limits.maxWalkMetres) continue
    const beyond = unmetLimit(space, limits)
    if (beyond) {
      unmet[beyond]++
      continue
    }
    const judged = { space, walkMetres, costMetres: walkMetres + costBesidesWalk(space, limits) }
    fitting++
    if (!best || isBefore(judged, best, (plan) => plan.costMetres)) best = judged
    if (!nearest || isBefore(judged, nearest, (plan) => plan.walkMetres)) nearest = judged
  }
  if (!best || !nearest) return { refused: 'no-space-in-reach', unmet }
  return { plan: { ...best, reason: reasonFor(best, nearest, fitting) } }
}
