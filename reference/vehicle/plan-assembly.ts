import type { PlanState, UnlockStep } from '../contracts/vehicle-link.js'
import { wgs84, type Wgs84Point } from '../domain/coordinates.js'
import type { AckResult, PlanCoordinate, PlanInfo, UnlockProgress } from './parking-frames.js'
import type { ParkingLabel } from './parking-label.js'

export interface ShownPlan {
  readonly shows: 'plan'
  readonly planSequence: number
  readonly bayId: string
  readonly label: string
  readonly walkMetres: number
  /** The walk from the bay to the place, minutes; not there when it is not known. */
  readonly etaMinutes?: number
  readonly pricePerHourFen: number
  readonly state: PlanState
  readonly unlockStep: UnlockStep
  readonly position: Wgs84Point
}

/** What the head unit displays. */
export type HeadUnitScreen = { readonly shows: 'no-plan' } | { readonly shows: 'no-valid-data' } | ShownPlan

/** What a ParkingPlanInfo led to. */
export type AssemblyResult = Exclude<AckResult, 'not-drawn' | 'not-valid'>

/** What comes again in every cycle but the info that closes it. */
interface CyclicParts {
  readonly latitude?: PlanCoordinate
  readonly longitude?: PlanCoordinate
  readonly progress?: UnlockProgress
}

/**
 * Puts a plan together from what comes over the bus, of which only what is valid gets here. A plan is shown when its
 * label and all its parts are there; nothing is filled in from another plan.
 */
export class PlanAssembly {
  #screen: HeadUnitScreen = { shows: 'no-plan' }
  #label: ParkingLabel | undefined
  #parts: CyclicParts = {}

  get screen(): HeadUnitScreen {
    return this.#screen
  }

  acceptLabel(label: ParkingLabel): void {
    // Sequences come round again: parts from before a new plan's label are not its own, whatever they say.
    const { planSequence, bayId, label: text } = this.#label ?? {}
    const same = label.planSequence === planSequence && label.bayId === bayId && label.label === text
    if (!same) this.#parts = {}
    this.#label = label
  }

  /**
   * A label came that cannot be used. It may be that of a T-BOX that has begun anew, with the sequence of the one that
   * is held: what follows must not be shown under the old one, so it is asked for again.
   */
  dropLabel(): void {
    this.#label = undefined
  }

  acceptLatitude(latitude: PlanCoordinate): void {
    this.#parts = { ...this.#parts, latitude }
  }

  acceptLongitude(longitude: PlanCoordinate): void {
    this.#parts = { ...this.#parts, longitude }
  }

  acceptProgress(progress: UnlockProgress): void {
    this.#parts = { ...this.#parts, progress }
  }

  acceptInfo(info: PlanInfo): AssemblyResult {
    const { planSequence, walkMetres, etaMinutes, pricePerHourFen, state } = info
    // What was shown is not of this cycle, whichever plan it was.
    const missing = (what: Exclude<AssemblyResult, 'shown'>) => {
      this.#invalidate()
      return what
    }
    const label = this.#label
    if (label?.planSequence !== planSequence) return missing('label-missing')
    const { latitude, longitude, progress } = this.#parts
    if (latitude?.planSequence !== planSequence || longitude?.planSequence !== planSequence)
      return missing('position-missing')
    if (progress?.planSequence !== planSequence) return missing('progress-missing')
    this.#screen = {
      shows: 'plan',
      planSequence,
      bayId: label.bayId,
      label: label.label,
      walkMetres,
      ...(etaMinutes === undefined ? {} : { etaMinutes }),
      pricePerHourFen,
      state,
      unlockStep: progress.step,
      position: wgs84(latitude.degrees, longitude.degrees),
    }
    return 'shown'
  }

  /** A part is not valid any more: what was shown may no longer be true, and the part is not used again. */
  invalidate(part: keyof CyclicParts | 'info'): void {
    if (part !== 'info') {
      const { [part]: _, ...others } = this.#parts
      this.#parts = others
    }
    this.#invalidate()
  }

  #invalidate(): void {
    if (this.#screen.shows === 'plan') this.#screen = { shows: 'no-valid-data' }
  }
}
