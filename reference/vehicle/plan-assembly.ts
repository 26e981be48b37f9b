import type { PlanState } from '../contracts/vehicle-link.js'
import type { Wgs84Point } from '../domain/coordinates.js'
import type { AckResult, PlanInfo } from './parking-frames.js'
import type { ParkingLabel } from './parking-label.js'

export interface ShownPlan {
  readonly shows: 'plan'
  readonly planSequence: number
  readonly bayId: string
  readonly label: string
  readonly walkMetres: number
  readonly pricePerHourFen: number
  readonly state: PlanState
  readonly position: Wgs84Point
}

/** What the head unit displays. */
export type HeadUnitScreen = { readonly shows: 'no-plan' } | { readonly shows: 'no-valid-data' } | ShownPlan

/** What a ParkingPlanInfo led to; `repeated` is one that is not fresh. */
export type AssemblyResult = Exclude<AckResult, 'not-drawn'> | 'repeated'

/**
 * Puts a plan together from what comes over the bus. A plan is shown when its label, its position and its info are
 * all there; nothing is filled in from another plan.
 */
export class PlanAssembly {
  #screen: HeadUnitScreen = { shows: 'no-plan' }
  #label: ParkingLabel | undefined
  #position: Wgs84Point | undefined
  #aliveCounter: number | undefined

  get screen(): HeadUnitScreen {
    return this.#screen
  }

  acceptLabel(label: ParkingLabel): void {
    this.#label = label
    // Every plan begins with its label: a position from before it is another plan's, whose info was lost.
    this.#position = undefined
  }

  acceptPosition(point: Wgs84Point): void {
    this.#position = point
  }

  acceptInfo(info: PlanInfo): AssemblyResult {
    if (info.aliveCounter === this.#aliveCounter) return 'repeated'
    this.#aliveCounter = info.aliveCounter
    // A position belongs to the one info that follows it.
    const position = this.#position
    this.#position = undefined
    if (this.#screen.shows === 'plan' && this.#screen.planSequence !== info.planSequence) this.invalidate()
    const label = this.#label
    if (label?.planSequence !== info.planSequence) return 'label-missing'
    if (!position) return 'position-missing'
    const { planSequence, walkMetres, pricePerHourFen, state } = info
    this.#screen = {
      shows: 'plan',
      planSequence,
      bayId: label.bayId,
      label: label.label,
      walkMetres,
      pricePerHourFen,
      state,
      position,
    }
    return 'shown'
  }

  /** The cycle has stopped: what was shown may no longer be true. */
  invalidate(): void {
    if (this.#screen.shows === 'plan') this.#screen = { shows: 'no-valid-data' }
  }
}
