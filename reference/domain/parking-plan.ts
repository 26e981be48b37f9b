import { distanceMetres, wgs84ToGcj02, type Gcj02Point, type Wgs84Point } from './coordinates.js'
import type { BayId } from './identifiers.js'

/** A space that may be offered. `location` is the surveyed centre of the bay. */
export interface ParkingCandidate {
  readonly bayId: BayId
  readonly label: string
  readonly location: Wgs84Point
  /** Price in fen (0.01 CNY) an hour. */
  readonly pricePerHourFen: number
}

export interface PlanningLimits {
  /** Longest walk from the bay to the place, metres. */
  readonly maxWalkMetres: number
}

export const DEFAULT_PLANNING_LIMITS: PlanningLimits = { maxWalkMetres: 1_500 }

export interface ParkingPlan {
  readonly space: ParkingCandidate
  /** Straight-line distance from the bay to the place, metres. */
  readonly walkMetres: number
  /** Cost of the choice, in metres of walking; the lowest wins. */
  readonly costMetres: number
}

export type PlanningResult = { readonly plan: ParkingPlan } | { readonly refused: 'no-space-in-reach' }

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

/**
 * The optimal parking plan (REQ-08): of the spaces within the walk limit the one with the lowest cost, ties broken by
 * bay id so that the same question always has the same answer. Ranking happens in GCJ-02, the datum in which places
 * are asked for; spaces are converted forward to it.
 */
export function planParking(
  place: Gcj02Point,
  candidates: readonly ParkingCandidate[],
  limits: PlanningLimits = DEFAULT_PLANNING_LIMITS,
): PlanningResult {
  let best: ParkingPlan | undefined
  for (const space of candidates) {
    const walkMetres = distanceMetres(place, wgs84ToGcj02(space.location))
    if (walkMetres > limits.maxWalkMetres) continue
    const costMetres = walkMetres + (space.pricePerHourFen / 100) * METRES_PER_YUAN
    const wins =
      !best ||
      costMetres < best.costMetres ||
      (costMetres === best.costMetres && space.bayId < best.space.bayId)
    if (wins) best = { space, walkMetres, costMetres }
  }
  return best ? { plan: best } : { refused: 'no-space-in-reach' }
}
