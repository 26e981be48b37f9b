import { openIsoTp, type IsoTpLink } from '../can/iso-tp-link.js'
import { parkingBus } from '../contracts/parking-bus.js'
import type { PlanState, UnlockStep } from '../contracts/vehicle-link.js'
import type { Wgs84Point } from '../domain/coordinates.js'
import type { CanBus, ReceivedCanFrame } from '../ports/can-bus.js'
import type { EventLog } from '../ports/event-log.js'
import type { BusTiming } from './bus-timing.js'
import { FrameProtection } from './frame-protection.js'
import { GuardedReception } from './guarded-reception.js'
import {
  infoFrame,
  latitudeFrame,
  longitudeFrame,
  progressFrame,
  type AckResult,
  type HeadUnitAck,
} from './parking-frames.js'
import { encodeParkingLabel } from './parking-label.js'
import type { Schedule } from './reception-guard.js'

export interface PlanToShow {
  readonly bayId: string
  readonly label: string
  readonly location: Wgs84Point
  readonly walkMetres: number
  /** 0…254; undefined where it is not known. */
  readonly etaMinutes?: number | undefined
  readonly pricePerHourFen: number
  readonly state: PlanState
  readonly unlockStep: UnlockStep
}

/** Whether the head unit has said that it displays what it was sent, or why not. */
export type ShowOutcome =
  | { readonly shown: true }
  | { readonly failed: Exclude<AckResult, 'shown'> | 'label-not-delivered' | 'no-answer' | 'closed' }

interface AwaitedAck {
  readonly state: PlanState
  readonly unlockStep: UnlockStep
  /** What the head unit has said so far. */
  last: Exclude<AckResult, 'shown'> | 'no-answer'
  readonly settle: (outcome: ShowOutcome) => void
}

const LAST_SEQUENCE = 255

/** The T-BOX's end of the bus: sends a plan to the head unit, cyclically, and hears what is displayed. */
export class PlanSender {
  readonly #bus: CanBus
  readonly #timing: BusTiming
  readonly #log: EventLog
  readonly #labels: IsoTpLink
  readonly #unsubscribe: () => void
  #plan: PlanToShow | undefined
  #sequence = 0
  readonly #protection = new FrameProtection()
  readonly #acks: GuardedReception
  /** Cycles that still come at the fast rate. */
  #fastCycles = 0
  #cycle: NodeJS.Timeout | undefined
  #cycleUnderWay = false
  #labelUnderWay = false
  #awaited: AwaitedAck | undefined
  #closed = false

  constructor(bus: CanBus, timing: BusTiming, log: EventLog, schedule: Schedule) {
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
    const { cycleMs } = timing
    this.#acks = new GuardedReception({ messages: [parkingBus.ack], cycleMs, schedule, log })
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
    const outcome = this.#acknowledged(plan)
    this.#startCycle()
    const settled = await outcome
    if ('failed' in settled) this.stop()
    return settled
  }

  /** Changes the plan that is shown; the cycle goes on even where it is not acknowledged. */
  update(progress: Pick<PlanToShow, 'state' | 'unlockStep'>): Promise<ShowOutcome> {
    if (!this.#plan || this.#closed) return Promise.resolve({ failed: 'closed' })
    const { state, unlockStep } = progress
    this.#plan = { ...this.#plan, state, unlockStep }
    const outcome = this.#acknowledged(progress)
    this.#startCycle()
    return outcome
  }

  /** Ends the cycle; the head unit then finds that its data is not valid any more. */
  stop(): void {
    clearTimeout(this.#cycle)
    // Without our frames there is nothing for the head unit to acknowledge.
    this.#acks.rest()
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
      const payload = encodeParkingLabel({ planSequence: this.#sequence, bayId, label })
      await this.#labels.send(this.#protection.protectLabel(payload))
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
    this.#fastCycles = parkingBus.fastCycles - 1
    this.#runCycle()
  }

  #runCycle(): void {
    clearTimeout(this.#cycle)
    const { cycleMs, fastCycleMs } = this.#timing
    this.#cycle = setTimeout(() => this.#runCycle(), this.#fastCycles > 0 ? fastCycleMs : cycleMs)
    this.#fastCycles--
    void this.#sendCycle()
  }

  async #sendCycle(): Promise<void> {
    const plan = this.#plan
    if (!plan || this.#cycleUnderWay) return
    this.#cycleUnderWay = true
    try {
      const { location, walkMetres, etaMinutes, pricePerHourFen, state, unlockStep } = plan
      const planSequence = this.#sequence
      // All at once, the one that closes the cycle last.
      const frames = [
        latitudeFrame({ planSequence, degrees: location.latitude }),
        longitudeFrame({ planSequence, degrees: location.longitude }),
        progressFrame({ planSequence, step: unlockStep }),
        infoFrame({ walkMetres, etaMinutes, pricePerHourFen, planSequence, state }),
      ]
      await Promise.all(frames.map((frame) => this.#bus.send(this.#protection.protect(frame))))
    } catch (error) {
      if (!this.#closed) this.#log.record('plan-not-sent', { reason: (error as Error).message })
    } finally {
      this.#cycleUnderWay = false
    }
  }

  #acknowledged({ state, unlockStep }: Pick<PlanToShow, 'state' | 'unlockStep'>): Promise<ShowOutcome> {
    return new Promise((resolve) => {
      if (this.#closed) return resolve({ failed: 'closed' })
      const settle = (outcome: ShowOutcome) => {
        clearTimeout(timer)
        this.#awaited = undefined
        resolve(outcome)
      }
      const awaited: AwaitedAck = { state, unlockStep, last: 'no-answer', settle }
      const timer = setTimeout(() => settle({ failed: awaited.last }), this.#timing.ackTimeoutMs)
      this.#awaited = awaited
    })
  }

  #acceptFrame(frame: ReceivedCanFrame): void {
    const checked = this.#acks.accept(frame)
    // One that was under way when the plan ended: none is due after it.
    if (!this.#plan) this.#acks.rest()
    if (checked?.valid && checked.message.kind === 'ack') this.#acceptAck(checked.message)
  }

  #acceptAck({ planSequence, shownState, shownStep, result }: HeadUnitAck): void {
    if (planSequence !== this.#sequence || !this.#plan) return
    // A head unit that was started while a plan is shown has not heard its label.
    if (result === 'label-missing' && !this.#labelUnderWay) void this.#sendLabel()
    const awaited = this.#awaited
    if (!awaited) return
    if (result !== 'shown') awaited.last = result
    else if (shownState === awaited.state && shownStep === awaited.unlockStep) awaited.settle({ shown: true })
  }
}
