import { around } from 'geokdbush'
import KDBush from 'kdbush'
import { distanceMetres, type Gcj02Point } from '../domain/coordinates.js'
import {
  DEFAULT_PLANNING_LIMITS,
  planParking,
  unmetLimit,
  type ParkingCandidate,
  type PlanningLimits,
  type PlanningResult,
} from '../domain/parking-plan.js'

/** How many of the nearest are looked at first; four times as many each time that these cannot settle it. */
const FIRST_LOOK = 64
const GROWTH = 4

/** geokdbush measures on a sphere of 6,371.0 km, distances here on one of 6,371.0088: how far both may differ. */
const RADIUS_SLACK = 1e-5
const SLACK_METRES = 0.01

/**
 * Spaces by where they are. Which of them are free changes under it; where they are does not. The plan is that of
 * `planParking` over all of them, found by looking at the nearest only: no space beyond those can cost less than the
 * walk to it.
 */
export class SpaceIndex {
  readonly #tree: KDBush
  readonly #spaces: readonly ParkingCandidate[]
  readonly #slots = new Map<string, number>()
  readonly #free: Uint8Array

  constructor(spaces: readonly ParkingCandidate[]) {
    this.#spaces = spaces
    this.#free = new Uint8Array(spaces.length)
    this.#tree = new KDBush(spaces.length)
    spaces.forEach(({ bayId, onMap }, slot) => {
      this.#slots.set(bayId, slot)
      this.#tree.add(onMap.longitude, onMap.latitude)
    })
    this.#tree.finish()
  }

  get size(): number {
    return this.#spaces.length
  }

  /** @returns false for a bay that is not in the index: then it is out of date */
  setFree(bayId: string, free: boolean): boolean {
    const slot = this.#slots.get(bayId)
    if (slot === undefined) return false
    this.#free[slot] = free ? 1 : 0
    return true
  }

  isFree(bayId: string): boolean {
    const slot = this.#slots.get(bayId)
    return slot !== undefined && this.#free[slot] === 1
  }

  /** @param without bays that are not to be had, though they look free */
  plan(
    place: Gcj02Point,
    limits: PlanningLimits = DEFAULT_PLANNING_LIMITS,
    without: ReadonlySet<string> = new Set(),
  ): PlanningResult {
    const fits = (slot: number) => {
      if (this.#free[slot] !== 1) return false
      const space = this.#spaces[slot]
      return space !== undefined && !without.has(space.bayId) && unmetLimit(space, limits) === undefined
    }
    for (let count = FIRST_LOOK; ; count *= GROWTH) {
      const nearest = this.#nearest(place, limits, count, fits)
      const result = planParking(place, nearest, limits)
      const all = nearest.length < count
      if ('plan' in result) {
        const farthest = nearest.at(-1)
        const lookedMetres = farthest ? distanceMetres(place, farthest.onMap) * (1 - RADIUS_SLACK) : 0
        if (all || lookedMetres > result.plan.costMetres) return result
      } else if (all) {
        // Why there is none: every free one in reach is asked.
        const open = (slot: number) => this.#free[slot] === 1 && !without.has(this.#spaces[slot]?.bayId ?? '')
        return planParking(place, this.#nearest(place, limits, Infinity, open), limits)
      }
    }
  }

  #nearest(
    { longitude, latitude }: Gcj02Point,
    { maxWalkMetres }: PlanningLimits,
    count: number,
    wanted: (slot: number) => boolean,
  ): ParkingCandidate[] {
    const kilometres = (maxWalkMetres * (1 + RADIUS_SLACK) + SLACK_METRES) / 1_000
    return around(this.#tree, longitude, latitude, count, kilometres, wanted).flatMap(
      (slot) => this.#spaces[slot] ?? [],
    )
  }
}
