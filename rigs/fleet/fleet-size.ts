import { JOURNEYS_PER_LOCK_AND_HOUR, type LoadModel } from './load-model.js'

/** What is asked of a fleet; whatever is left out follows from the rest. */
export interface FleetRequest {
  readonly locks: number
  readonly vehicles?: number | undefined
  readonly users?: number | undefined
  readonly seed: number
  /** How long wishes come up, seconds. */
  readonly seconds: number
  /** How many times as many journeys as a city's. */
  readonly pace: number
  readonly journeysPerMinute?: number | undefined
  /** Means, seconds. */
  readonly driveSeconds: number
  readonly staySeconds: number
  readonly patienceSeconds: number
  readonly fixSeconds: number
  readonly places: readonly string[]
}

export interface FleetSize {
  readonly locks: number
  readonly vehicles: number
  readonly users: number
  readonly journeysPerMinute: number
}

/** Of all journeys. */
const CANCEL_SHARE = 0.05
const FOREIGN_CODE_SHARE = 0.1
/** The parties' answers and the bolt's two travels, seconds. */
const OTHER_SECONDS = 5
/** Users who are free on average for each who is under way: else a user, not a party, would be what is waited for. */
const SPARE_USERS = 3
const FEWEST_USERS = 5

/** Half of the users come by car that tells them. */
const CAR_SHARE = 0.5

export function sizeOf(request: FleetRequest): FleetSize {
  const { locks, pace, driveSeconds, staySeconds } = request
  const journeysPerMinute = request.journeysPerMinute ?? (pace * locks * JOURNEYS_PER_LOCK_AND_HOUR) / 60
  const underWay = (journeysPerMinute / 60) * (driveSeconds + staySeconds + OTHER_SECONDS)
  const users = request.users ?? Math.max(FEWEST_USERS, Math.ceil(SPARE_USERS * underWay))
  return {
    locks,
    users,
    vehicles: request.vehicles ?? Math.floor(users * CAR_SHARE),
    journeysPerMinute,
  }
}

export function modelOf(request: FleetRequest, { journeysPerMinute }: FleetSize): LoadModel {
  const { seed, driveSeconds, staySeconds, places } = request
  return {
    seed,
    journeysPerSecond: journeysPerMinute / 60,
    driveMs: driveSeconds * 1_000,
    stayMs: staySeconds * 1_000,
    places,
    cancelShare: CANCEL_SHARE,
    foreignCodeShare: FOREIGN_CODE_SHARE,
  }
}
