import type { RunningParty } from '../../../reference/ports/party.js'
import type { Position } from '../../../reference/contracts/platform-api.js'
import type { PlanState } from '../../../reference/contracts/vehicle-link.js'
import type { AckResult } from '../../../reference/vehicle/parking-frames.js'
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
  /** WGS-84. */
  readonly position?: Position
}

export interface Dashboard {
  read(): DashboardReading
  /** @returns unsubscribe */
  onChange(listener: () => void): () => void
}

/** `sent` by the T-BOX, or what the head unit said to it. */
export type CycleFrame = 'sent' | AckResult

const SHOWN_MS = 10_000

/** The driver's car: head unit, T-BOX, and the bus between them. */
export class Car {
  constructor(
    private readonly parts: {
      readonly dashboard: Dashboard
      readonly tBox: RunningParty
      /** Loses what follows a label's first frame on the way to the head unit. */
      readonly dropLabels: () => void
      /** Told of every plan's frame from the T-BOX, and every acknowledgement. @returns unsubscribe */
      readonly onCycle: (listener: (seen: CycleFrame) => void) => () => void
    },
  ) {}

  /** Resolves when the head unit shows the plan for the bay, at its place, in that state. @throws NotShown */
  shows(bay: BayProfile, state: PlanState): Promise<void> {
    return this.until(
      `the plan for ${bay.label} as ${state}`,
      (seen) =>
        seen.shows === 'plan' && seen.label === bay.label && seen.state === state && isAt(seen.position, bay),
    )
  }

  /** Each of the next cycles is acknowledged as shown before the one after it: no frame is lost. @throws NotShown */
  confirmsCycles(count: number): Promise<void> {
    const seen: CycleFrame[] = []
    return new Promise((resolve, reject) => {
      const finish = (error?: NotShown) => {
        clearTimeout(deadline)
        stop()
        if (error) reject(error)
        else resolve()
      }
      const stop = this.parts.onCycle((frame) => {
        if (seen.length === 0 && frame !== 'sent') return // belongs to a cycle before
        seen.push(frame)
        const last = seen.length - 1
        if (seen[last] !== (last % 2 === 0 ? 'sent' : 'shown')) {
          finish(new NotShown(`the head unit does not confirm every cycle: ${seen.join(', ')}`))
        } else if (seen.length === 2 * count) finish()
      })
      const deadline = setTimeout(
        () =>
          finish(
            new NotShown(`${count} cycles were not confirmed in time: ${seen.join(', ') || 'none sent'}`),
          ),
        SHOWN_MS,
      )
    })
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

/** The bus carries positions in steps of 1e-7 degrees. */
function isAt(shown: Position | undefined, { location }: BayProfile): boolean {
  const near = (a: number, b: number) => Math.abs(a - b) <= 1e-7
  return !!shown && near(shown.latitude, location.latitude) && near(shown.longitude, location.longitude)
}

const describe = ({ shows, label, state }: DashboardReading) =>
  [shows, label, state].filter(Boolean).join(' · ')
