import type { RunningParty } from '../../../reference/ports/party.js'
import type { PlanState } from '../../../reference/contracts/vehicle-link.js'
import type { BayProfile } from '../profile-schema.js'

/** The head unit does not show what the scenario expects. */
export class NotShown extends Error {
  override readonly name = 'NotShown'
}

/** What a look at the head unit tells. */
export interface DashboardReading {
  readonly shows: 'plan' | 'no-plan' | 'no-valid-data'
  readonly label?: string
  readonly state?: PlanState
}

export interface Dashboard {
  read(): DashboardReading
  /** @returns unsubscribe */
  onChange(listener: () => void): () => void
}

const SHOWN_MS = 10_000

/** The driver's car: head unit, T-BOX, and the bus between them. */
export class Car {
  constructor(
    private readonly parts: {
      readonly dashboard: Dashboard
      readonly tBox: RunningParty
      /** Loses the frames of the label on their way to the head unit. */
      readonly dropLabels: () => void
    },
  ) {}

  /** Resolves when the head unit shows the plan for the bay in that state. @throws NotShown */
  shows(bay: BayProfile, state: PlanState): Promise<void> {
    return this.until(
      `the plan for ${bay.label} as ${state}`,
      (seen) => seen.shows === 'plan' && seen.label === bay.label && seen.state === state,
    )
  }

  saysNoValidData(): Promise<void> {
    return this.until('"no valid data"', ({ shows }) => shows === 'no-valid-data')
  }

  /** @throws NotShown */
  showsNoPlan(): void {
    const seen = this.parts.dashboard.read()
    if (seen.shows === 'plan') throw new NotShown(`the head unit shows a plan: ${describe(seen)}`)
  }

  missLabels(): void {
    this.parts.dropLabels()
  }

  /** The T-BOX stops sending, as one without power does. */
  silenceTBox(): Promise<void> {
    return this.parts.tBox.close()
  }

  private until(what: string, matches: (seen: DashboardReading) => boolean): Promise<void> {
    const { dashboard } = this.parts
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!matches(dashboard.read())) return
        finish()
        resolve()
      }
      const deadline = setTimeout(() => {
        finish()
        reject(new NotShown(`the head unit does not show ${what}; it shows ${describe(dashboard.read())}`))
      }, SHOWN_MS)
      const stop = dashboard.onChange(look)
      const finish = () => {
        clearTimeout(deadline)
        stop()
      }
      look()
    })
  }
}

const describe = ({ shows, label, state }: DashboardReading) =>
  [shows, label, state].filter(Boolean).join(' · ')
