import type { Space, SpaceList } from '../contracts/platform-api.js'
import { wgs84 } from '../domain/coordinates.js'
import { bayId } from '../domain/identifiers.js'
import { parkingCandidate, type ParkingCandidate } from '../domain/parking-plan.js'
import type { PlatformClient } from './platform-client.js'
import { SpaceIndex } from './space-index.js'

/** Whether a space may be offered: free, not reserved, with a lock that works, and in service. */
function isFree({ occupancy, reservation, lockHealth, inService = true }: Space): boolean {
  return occupancy === 'free' && reservation === 'none' && lockHealth === 'ok' && inService
}

function candidate({ bayId: bay, label, location, pricePerHourFen, size, charger }: Space): ParkingCandidate {
  return parkingCandidate({
    bayId: bayId(bay),
    label,
    location: wgs84(location.latitude, location.longitude),
    pricePerHourFen,
    ...(size && { size }),
    ...(charger && { charger }),
  })
}

/** The platform's spaces at one moment. */
export interface City {
  readonly index: SpaceIndex
  /** By bay id in lower case: people do not type capitals. */
  readonly byName: ReadonlyMap<string, ParkingCandidate>
}

/** Thrown when the platform's list of spaces does not come to its end. */
export class SpacesUnsettled extends Error {
  override readonly name = 'SpacesUnsettled'
  constructor(found: string) {
    super(
      `the platform's list of spaces ${found}; does its inventory change all the time, or are its cursors wrong?`,
    )
  }
}

/** A list begins anew when the inventory changes while it is read. */
const MOST_BEGINNINGS = 5
/** Ten cities. */
const MOST_SPACES = 1_000_000

/** A list that is being read. What each page costs is spent when it comes. */
class SpaceReading {
  readonly #candidates: ParkingCandidate[] = []
  readonly #free: boolean[] = []

  add(spaces: readonly Space[]): void {
    for (const space of spaces) {
      this.#candidates.push(candidate(space))
      this.#free.push(isFree(space))
    }
  }

  get length(): number {
    return this.#candidates.length
  }

  city(): City {
    const index = new SpaceIndex(this.#candidates)
    this.#candidates.forEach((one, at) => index.setFree(one.bayId, this.#free[at] === true))
    return { index, byName: new Map(this.#candidates.map((one) => [one.bayId.toLowerCase(), one])) }
  }
}

/**
 * What the platform knows of its spaces, asked anew for every plan: of a platform that gives cursors only what has
 * changed since, so that a city of 100,000 spaces costs a plan no more than a street. It is a copy, and decides
 * nothing: whether a space is still to be had is for the platform to say.
 */
export class LiveSpaces {
  #city: City = { index: new SpaceIndex([]), byName: new Map() }
  #cursor: string | undefined
  #asking: Promise<City> | undefined
  #next: Promise<City> | undefined

  constructor(private readonly platform: Pick<PlatformClient, 'listSpaces'>) {}

  /** The spaces as they are no earlier than this call. @throws PlatformFailed, SpacesUnsettled */
  now(correlationId: string): Promise<City> {
    if (!this.#asking) return this.#ask(correlationId)
    // The question under way may have been answered before this moment: all who come meanwhile share the next one.
    this.#next ??= this.#asking
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.#ask(correlationId)
      })
    return this.#next
  }

  #ask(correlationId: string): Promise<City> {
    const asking = this.#update(correlationId).finally(() => {
      if (this.#asking === asking) this.#asking = undefined
    })
    this.#asking = asking
    return asking
  }

  async #update(correlationId: string): Promise<City> {
    let answer = await this.platform.listSpaces(correlationId, this.#cursor)
    while (answer.changesOnly === true) {
      if (!answer.spaces.every((space) => this.#city.index.setFree(space.bayId, isFree(space)))) {
        answer = await this.platform.listSpaces(correlationId)
        break
      }
      this.#cursor = answer.cursor
      if (answer.more !== true) return this.#city
      answer = await this.#after(correlationId, answer)
    }
    return this.#replace(correlationId, answer)
  }

  /** @param answer the first page of a list that may go on */
  async #replace(correlationId: string, answer: SpaceList): Promise<City> {
    let list = new SpaceReading()
    for (let begun = 0; ;) {
      if (answer.continued !== true) {
        if (++begun > MOST_BEGINNINGS) throw new SpacesUnsettled(`began anew ${begun} times`)
        list = new SpaceReading()
      }
      list.add(answer.spaces)
      if (list.length > MOST_SPACES) throw new SpacesUnsettled(`has more than ${MOST_SPACES} of them`)
      if (answer.more !== true) break
      answer = await this.#after(correlationId, answer)
    }
    this.#city = list.city()
    this.#cursor = answer.cursor
    return this.#city
  }

  /** @throws SpacesUnsettled when it leads nowhere */
  async #after(correlationId: string, { cursor }: SpaceList): Promise<SpaceList> {
    if (cursor === undefined) throw new SpacesUnsettled('has more to tell, but no cursor')
    const next = await this.platform.listSpaces(correlationId, cursor)
    if (next.more === true && next.cursor === cursor) throw new SpacesUnsettled('does not get on')
    return next
  }
}
