import type { RunningParty } from '../../../reference/ports/party.js'
import type { Position } from '../../../reference/contracts/platform-api.js'
import type { PlanState } from '../../../reference/contracts/vehicle-link.js'
import type { BayProfile } from '../profile-schema.js'
import type { BusFault } from './bus-faults.js'
import type { CycleLedger } from './cycle-ledger.js'
import { NotShown } from './not-shown.js'

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

const SHOWN_MS = 10_000

/** The driver's car: head unit, T-BOX, and the bus between them. */
export class Car {
  #mend: () => void = () => undefined
  /** Whether the plan was off the screen since the first fault that was to pass. */
  #left: boolean | undefined

  constructor(
    private readonly parts: {
      readonly dashboard: Dashboard
      readonly tBox: RunningParty
      /** Loses what follows a label's first frame on the way to the head unit. */
      readonly dropLabels: () => void
      /** Puts a fault between the bus and the head unit. @returns mends it */
      readonly disturb: (fault: BusFault, scope: 'once' | 'lasting') => () => void
      /** Of every cycle of the T-BOX's since the car was opened. */
      readonly cycles: CycleLedger
      /** Told of every frame on the bus. @returns unsubscribe */
      readonly onFrame: (listener: () => void) => () => void
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

  /** Each of the next cycles is acknowledged as shown, and so was every one before: none is lost. @throws NotShown */
  confirmsCycles(count: number): Promise<void> {
    return this.parts.cycles.confirms(count, SHOWN_MS)
  }

  saysNoValidData(): Promise<void> {
    return this.until('"no valid data"', ({ shows }) => shows === 'no-valid-data')
  }

  /** The plan has been on the screen since the first fault that was to pass, and two more cycles leave it there. @throws NotShown */
  async keepsShowing(bay: BayProfile): Promise<void> {
    await this.shows(bay, 'reserved')
    await this.parts.cycles.nextAnswer(SHOWN_MS)
    this.parts.cycles.forget()
    await this.confirmsCycles(2)
    await this.shows(bay, 'reserved')
    if (this.#left) throw new NotShown(`the plan for ${bay.label} was off the screen in between`)
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
    const { dashboard } = this.parts
    if (this.#left === undefined) {
      const look = () => void (this.#left ||= dashboard.read().shows !== 'plan')
      look()
      dashboard.onChange(look)
    }
    this.parts.disturb(fault, 'once')
  }

  mend(): void {
    this.#mend()
  }

  /** Resolves when the head unit has told a fault of that name. @throws NotShown */
  async tells(fault: string): Promise<void> {
    const { dashboard, onFrame } = this.parts
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
      const stop = onFrame(look)
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
