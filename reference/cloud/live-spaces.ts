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

  /** The spaces as they are no earlier than this call. @throws PlatformFailed */
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
    const answer = await this.platform.listSpaces(correlationId, this.#cursor)
    if (answer.changesOnly !== true) this.#replace(answer)
    else if (answer.spaces.every((space) => this.#city.index.setFree(space.bayId, isFree(space)))) {
      this.#cursor = answer.cursor
    } else this.#replace(await this.platform.listSpaces(correlationId))
    return this.#city
  }

  #replace({ spaces, cursor }: SpaceList): void {
    const candidates = spaces.map(candidate)
    const index = new SpaceIndex(candidates)
    for (const space of spaces) index.setFree(space.bayId, isFree(space))
    this.#city = { index, byName: new Map(candidates.map((one) => [one.bayId.toLowerCase(), one])) }
    this.#cursor = cursor
  }
}
