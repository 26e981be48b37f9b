import type { Gcj02Point } from '../domain/coordinates.js'
import type { PlanningWishes } from './planning-wishes.js'

/** What a user looked for: kept with the booking, so that another plan can be made when this one falls through. */
export interface Search extends Pick<Gcj02Point, 'latitude' | 'longitude'> {
  /** The place, as the user knows it. */
  readonly name: string
  readonly wishes: PlanningWishes
  /** Bays that have fallen through. */
  readonly without: readonly string[]
}

export function searchAt(
  { latitude, longitude }: Gcj02Point,
  name: string,
  wishes: PlanningWishes = {},
): Search {
  return { latitude, longitude, name, wishes, without: [] }
}
