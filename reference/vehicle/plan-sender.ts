import { openIsoTp, type IsoTpLink } from '../can/iso-tp-link.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { PlanState } from '../contracts/vehicle-link.js'
import type { Wgs84Point } from '../domain/coordinates.js'
import type { CanBus, ReceivedCanFrame } from '../ports/can-bus.js'
import type { EventLog } from '../ports/event-log.js'
import type { BusTiming } from './bus-timing.js'
import { infoFrame, positionFrame, readParkingFrame, type HeadUnitAck } from './parking-frames.js'
import { encodeParkingLabel } from './parking-label.js'

export interface PlanToShow {
  readonly bayId: string
  readonly label: string
  readonly location: Wgs84Point
  readonly walkMetres: number
  readonly pricePerHourFen: number
  readonly state: PlanState
}

/** Whether the head unit has said that it displays what it was sent, or why not. */
export type ShowOutcome =
  | { readonly shown: true }
  | {
      readonly failed:
        'label-not-delivered' | 'label-missing' | 'position-missing' | 'not-drawn' | 'no-answer' | 'closed'
    }

interface AwaitedAck {
  readonly state: PlanState
  /** What the head unit has said so far. */
  last: 'label-missing' | 'position-missing' | 'not-drawn' | 'no-answer'
  readonly settle: (outcome: ShowOutcome) => void
}

const LAST_SEQUENCE = 255
const ALIVE_COUNTS = 16

/** The T-BOX's end of the bus: sends a plan to the head unit, cyclically, and hears what is displayed. */
export class PlanSender {
  readonly #bus: CanBus
  readonly #timing: BusTiming
  readonly #log: EventLog
  readonly #labels: IsoTpLink
  readonly #unsubscribe: () => void
  #plan: PlanToShow | undefined
  #sequence = 0
  #aliveCounter = 0
  #cycle: NodeJS.Timeout | undefined
  #cycleUnderWay = false
  #labelUnderWay = false
  #awaited: AwaitedAck | undefined
  #closed = false

  constructor(bus: CanBus, timing: BusTiming, log: EventLog) {
    this.#bus = bus
    this.#timing = timing
    this.#log = log
    this.#labels = openIsoTp(
      bus,
      {
        transmitId: parkingBus.labelTransport.id,
        receiveId: parkingBus.labelFlowControl.id,
        extended: parkingBus.labelTransport.extended,
      },
      { flowControlTimeoutMs: timing.transportTimeoutMs, consecutiveTimeoutMs: timing.transportTimeoutMs },
    )
    this.#unsubscribe = bus.onFrame((frame) => this.#acceptFrame(frame))
  }

  /**
   * Sends a new plan: its label, then its frames every cycle until `show` or `stop` ends it. A plan that is not
   * acknowledged is taken back: what nobody confirms is not left on a screen.
   */
  async show(plan: PlanToShow): Promise<ShowOutcome> {
    this.stop()
    this.#plan = plan
    this.#sequence = (this.#sequence % LAST_SEQUENCE) + 1
    if (!(await this.#sendLabel())) {
      this.stop()
      return { failed: this.#closed ? 'closed' : 'label-not-delivered' }
    }
    const outcome = this.#acknowledged(plan.state)
    this.#startCycle()
    const settled = await outcome
    if ('failed' in settled) this.stop()
    return settled
  }

  /** Changes the state of the plan that is shown; the cycle goes on even where it is not acknowledged. */
  update(state: PlanState): Promise<ShowOutcome> {
    if (!this.#plan || this.#closed) return Promise.resolve({ failed: 'closed' })
    this.#plan = { ...this.#plan, state }
    const outcome = this.#acknowledged(state)
    this.#startCycle()
    return outcome
  }

  /** Ends the cycle; the head unit then finds that its data is not valid any more. */
  stop(): void {
    clearInterval(this.#cycle)
    this.#plan = undefined
  }

  close(): void {
    this.#closed = true
    this.stop()
    this.#awaited?.settle({ failed: 'closed' })
    this.#unsubscribe()
    this.#labels.close()
  }

  async #sendLabel(): Promise<boolean> {
    if (!this.#plan) return false
    const { bayId, label } = this.#plan
    this.#labelUnderWay = true
    try {
      await this.#labels.send(encodeParkingLabel({ planSequence: this.#sequence, bayId, label }))
      return true
    } catch (error) {
      if (!this.#closed) {
        this.#log.record('label-not-delivered', {
          error: (error as Error).name,
          reason: (error as Error).message,
        })
      }
      return false
    } finally {
      this.#labelUnderWay = false
    }
  }

  #startCycle(): void {
    if (this.#closed) return
    clearInterval(this.#cycle)
    this.#cycle = setInterval(() => void this.#sendCycle(), this.#timing.cycleMs)
    void this.#sendCycle()
  }

  async #sendCycle(): Promise<void> {
    const plan = this.#plan
    if (!plan || this.#cycleUnderWay) return
    this.#cycleUnderWay = true
    try {
      const { walkMetres, pricePerHourFen, state } = plan
      const planSequence = this.#sequence
      this.#aliveCounter = (this.#aliveCounter + 1) % ALIVE_COUNTS
      // Both at once, so that nothing of ours comes between a position and its info.
      await Promise.all([
        this.#bus.send(positionFrame(plan.location)),
        this.#bus.send(
          infoFrame({ walkMetres, pricePerHourFen, planSequence, state, aliveCounter: this.#aliveCounter }),
        ),
      ])
    } catch (error) {
      if (!this.#closed) this.#log.record('plan-not-sent', { reason: (error as Error).message })
    } finally {
      this.#cycleUnderWay = false
    }
  }

  #acknowledged(state: PlanState): Promise<ShowOutcome> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve({ failed: 'closed' })
      const settle = (outcome: ShowOutcome) => {
        clearTimeout(timer)
        this.#awaited = undefined
        resolve(outcome)
      }
      const awaited: AwaitedAck = { state, last: 'no-answer', settle }
      const timer = setTimeout(() => settle({ failed: awaited.last }), this.#timing.ackTimeoutMs)
      this.#awaited = awaited
    })
  }

  #acceptFrame(frame: ReceivedCanFrame): void {
    try {
      const message = readParkingFrame(frame)
      if (message?.kind === 'ack') this.#acceptAck(message)
    } catch (error) {
      this.#log.record('frame-refused', { reason: (error as Error).message })
    }
  }

  #acceptAck({ planSequence, shownState, result }: HeadUnitAck): void {
    if (planSequence !== this.#sequence || !this.#plan) return
    // A head unit that was started while a plan is shown has not heard its label.
    if (result === 'label-missing' && !this.#labelUnderWay) void this.#sendLabel()
    const awaited = this.#awaited
    if (!awaited) return
    if (result !== 'shown') awaited.last = result
    else if (shownState === awaited.state) awaited.settle({ shown: true })
  }
}
