import type { RunningParty } from '../../../reference/ports/party.js'
import { parkingBus } from '../../../reference/contracts/parking-bus.js'
import type { Position } from '../../../reference/contracts/platform-api.js'
import type { PlanState } from '../../../reference/contracts/vehicle-link.js'
import type { AckResult } from '../../../reference/vehicle/parking-frames.js'
import type { BayProfile } from '../profile-schema.js'
import type { BusFault } from './bus-faults.js'

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
  /** Names of the faults that the head unit has told since it was started. */
  faults(): readonly string[]
}

/** `sent` by the T-BOX, or what the head unit said to it. */
export type CycleFrame = 'sent' | AckResult

const SHOWN_MS = 10_000

/** The driver's car: head unit, T-BOX, and the bus between them. */
export class Car {
  #mend: () => void = () => undefined

  constructor(
    private readonly parts: {
      readonly dashboard: Dashboard
      readonly tBox: RunningParty
      /** Loses what follows a label's first frame on the way to the head unit. */
      readonly dropLabels: () => void
      /** Puts a fault between the bus and the head unit. @returns mends it */
      readonly disturb: (fault: BusFault, scope: 'once' | 'lasting') => () => void
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
    let overlaps = 0
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
        if (seen[last] === (last % 2 === 0 ? 'sent' : 'shown')) {
          if (seen.length === 2 * count) finish()
          return
        }
        // The first cycles of a plan come faster than a head unit may draw: their answers may come after the next one.
        overlaps++
        if (overlaps > parkingBus.fastCycles || (frame !== 'sent' && frame !== 'shown')) {
          finish(new NotShown(`the head unit does not confirm every cycle: ${seen.join(', ')}`))
        }
        seen.length = 0
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

  /** The plan is on the screen now, and two more cycles leave it there. @throws NotShown */
  async keepsShowing(bay: BayProfile): Promise<void> {
    const { dashboard } = this.parts
    let left = false
    const stop = dashboard.onChange(() => (left ||= dashboard.read().shows !== 'plan'))
    try {
      await this.shows(bay, 'reserved')
      await this.confirmsCycles(2)
    } finally {
      stop()
    }
    if (left) throw new NotShown(`the plan for ${bay.label} was off the screen in between`)
  }

  /** @throws NotShown */
  showsNoPlan(): void {
    const seen = this.parts.dashboard.read()
    if (seen.shows === 'plan') throw new NotShown(`the head unit shows a plan: ${describe(seen)}`)
  }

  missLabels(): void {
    this.parts.dropLabels()
  }

  /** From now on, until it is mended. */
  disturb(fault: BusFault): void {
    this.#mend = this.parts.disturb(fault, 'lasting')
  }

  /** One frame only. */
  disturbOnce(fault: BusFault): void {
    this.parts.disturb(fault, 'once')
  }

  mend(): void {
    this.#mend()
  }

  /** Resolves when the head unit has told a fault of that name. @throws NotShown */
  async tells(fault: string): Promise<void> {
    const { dashboard, onCycle } = this.parts
    await new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(deadline)
        stop()
        settle()
      }
      const look = () => {
        if (dashboard.faults().includes(fault)) finish(resolve)
      }
      const deadline = setTimeout(() => {
        const told = dashboard.faults().join(', ') || 'none'
        finish(() => reject(new NotShown(`the head unit does not tell the fault ${fault}; it tells ${told}`)))
      }, SHOWN_MS)
      const stop = onCycle(look)
      look()
    })
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
