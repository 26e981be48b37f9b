import type { Position } from '../../reference/contracts/platform-api.js'
import { seededRandom } from '../simulated/seeded-random.js'

/** How users use a city. */
export interface LoadModel {
  readonly seed: number
  /** Wishes a second, all users together; gaps between them are exponential, whatever the parties do with them. */
  readonly journeysPerSecond: number
  /** Means of exponential times, wall milliseconds: from the code to the lock, and in the bay. */
  readonly driveMs: number
  readonly stayMs: number
  /** Names of places that users write, if any. */
  readonly places: readonly string[]
  /** Shares of all journeys, 0…1. */
  readonly cancelShare: number
  readonly foreignCodeShare: number
}

interface JourneyDraws {
  readonly journey: number
  readonly driveMs: number
  readonly stayMs: number
  /** The user changes their mind on the way. */
  readonly cancels: boolean
  /** Somebody holds another code before the scanner first. */
  readonly showsForeignCode: boolean
  readonly random: () => number
}

/** What a user wants, and what they will do. */
export type Wish = JourneyDraws &
  (
    | { readonly kind: 'bay'; readonly bayId: string }
    | { readonly kind: 'place'; readonly place: string }
    | { readonly kind: 'location'; readonly location: Position }
  )

export interface FleetBay {
  readonly bayId: string
  readonly lockId: string
  /** WGS-84. */
  readonly location: Position
}

/**
 * A bay an hour and a half, sixteen hours a day: some ten cars a bay and day, what a busy kerb in a city's middle sees.
 * An assumption of this project's, not a measurement: say what your city has with `--journeys-per-minute`.
 */
export const JOURNEYS_PER_LOCK_AND_HOUR = 1 / 1.5

/** Of users who name no bay, so many name a place, when there are places; the others send where they are. */
const PLACE_SHARE = 0.1
const BAY_SHARE = 0.4
/** A user stands within so many degrees of some bay: 200 m at most. */
const STRAY_DEGREES = 0.0012

/** Exponential with a mean. */
const exponential = (random: () => number, mean: number) => -Math.log(1 - random()) * mean

/** Milliseconds from each wish to the next, without an end; the same seed gives the same. */
export function* arrivalGaps(model: LoadModel): Generator<number, never> {
  const random = seededRandom(model.seed)
  for (;;) yield exponential(random, 1_000 / model.journeysPerSecond)
}

/**
 * The n-th wish of a fleet. What is drawn hangs on the seed and n alone; which bay is named, on `isTaken` as well:
 * whoever names a bay sees that nobody stands in it.
 */
export function wishOf(
  journey: number,
  model: LoadModel,
  bays: readonly FleetBay[],
  isTaken: (bay: FleetBay) => boolean,
): Wish {
  const random = seededRandom(model.seed * 1_000_003 + journey)
  const draws: JourneyDraws = {
    journey,
    driveMs: exponential(random, model.driveMs),
    stayMs: exponential(random, model.stayMs),
    cancels: random() < model.cancelShare,
    showsForeignCode: random() < model.foreignCodeShare,
    random,
  }
  const kind = random()
  const start = Math.floor(random() * bays.length)
  const some = bays[start] as FleetBay
  if (kind < BAY_SHARE) {
    for (let i = 0; i < bays.length; i++) {
      const bay = bays[(start + i) % bays.length] as FleetBay
      if (!isTaken(bay)) return { ...draws, kind: 'bay', bayId: bay.bayId }
    }
    return { ...draws, kind: 'bay', bayId: some.bayId }
  }
  const place = model.places[Math.floor(random() * model.places.length)]
  if (place !== undefined && kind < BAY_SHARE + PLACE_SHARE) return { ...draws, kind: 'place', place }
  const { latitude, longitude } = some.location
  const stray = () => (random() - 0.5) * 2 * STRAY_DEGREES
  return {
    ...draws,
    kind: 'location',
    location: { latitude: latitude + stray(), longitude: longitude + stray() },
  }
}
