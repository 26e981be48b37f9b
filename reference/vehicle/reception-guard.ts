import { E2eInspector, type E2eFault, type E2eInspection } from '../can/e2e-inspection.js'
import type { E2eProtection } from '../can/e2e-protection.js'
import { E2eStateMachine, type E2eState } from '../can/e2e-state-machine.js'

/** Runs a task once after a delay of wall time, milliseconds. @returns calls it off */
export type Schedule = (delayMs: number, task: () => void) => () => void

export const wallSchedule: Schedule = (delayMs, task) => {
  const timer = setTimeout(task, delayMs)
  return () => clearTimeout(timer)
}

/** `malformed`: the check passed, but the content breaks the contract. */
export type ReceptionFault = E2eFault | 'malformed'

/** How the reception of one message stands. */
export interface ReceptionHealth {
  readonly message: string
  readonly state: E2eState
  /** How often each fault was seen since the start. */
  readonly faults: Readonly<Partial<Record<ReceptionFault, number>>>
}

export interface GuardOptions {
  readonly protection: E2eProtection
  /** All protections of the contract. */
  readonly contract: readonly E2eProtection[]
  readonly cycleMs: number
  readonly schedule: Schedule
  readonly onFault: (fault: ReceptionFault, detail: E2eInspection['detail']) => void
  /** Called after every change. */
  readonly onState: (state: E2eState) => void
}

type Finding = Omit<E2eInspection, 'fault'> & { readonly fault?: ReceptionFault }

/** A frame is late when it has not come half a cycle after it was due. */
const LATE_AFTER_CYCLES = 1.5

/**
 * Watches the reception of one cyclic message: each frame's check, the cycles in which none comes, and the E2E state
 * machine over both. Whatever goes wrong, `timeoutCycles` cycles after the last good frame the state is `invalid`.
 */
export class ReceptionGuard {
  readonly #inspector: E2eInspector
  readonly #machine: E2eStateMachine
  readonly #faults: Partial<Record<ReceptionFault, number>> = {}
  #callOffLate: () => void = () => undefined
  #callOffTimeout: () => void = () => undefined
  /** Whether a frame has come, a bad one, since the last good one. */
  #badSinceGood = false

  /** @throws E2eMisconfigured */
  constructor(private readonly options: GuardOptions) {
    this.#inspector = new E2eInspector(options.protection, options.contract)
    this.#machine = new E2eStateMachine(options.protection.stateMachine)
  }

  get state(): E2eState {
    return this.#machine.state
  }

  get health(): ReceptionHealth {
    return { message: this.options.protection.message, state: this.state, faults: { ...this.#faults } }
  }

  /**
   * @param malformed whether the content breaks the contract: no better than a wrong CRC
   * @returns `use`: the data may be used; `unproven`: their check passed, but the state is not valid; `refused`
   */
  accept(data: Uint8Array, malformed = false): 'use' | 'unproven' | 'refused' {
    const checked = this.#inspector.inspect(data)
    const inspection: Finding =
      malformed && checked.status !== 'error'
        ? { status: 'error', first: false, fault: 'malformed' }
        : checked
    const good = inspection.status === 'ok' || inspection.first
    this.#badSinceGood = !good
    if (good) this.#callOffTimeout()
    this.#report(inspection)
    this.#feed(inspection.status)
    this.#watch(good)
    if (!good) return 'refused'
    return this.state === 'valid' && inspection.status === 'ok' ? 'use' : 'unproven'
  }

  /** Nothing is expected until the next frame; the state stays. */
  rest(): void {
    this.#callOffLate()
    this.#callOffTimeout()
  }

  #watch(good: boolean): void {
    const { schedule, cycleMs, protection } = this.options
    this.#callOffLate()
    if (this.state === 'invalid' || this.state === 'no-data') return this.#callOffTimeout()
    this.#callOffLate = schedule(LATE_AFTER_CYCLES * cycleMs, () => this.#missCycle())
    if (good) this.#callOffTimeout = schedule(protection.timeoutCycles * cycleMs, () => this.#timeOut())
  }

  #missCycle(): void {
    const inspection = this.#inspector.inspect(undefined)
    this.#report(inspection)
    this.#feed(inspection.status)
    if (this.state === 'invalid') return this.rest()
    this.#callOffLate = this.options.schedule(this.options.cycleMs, () => this.#missCycle())
  }

  #timeOut(): void {
    this.rest()
    if (!this.#badSinceGood) this.#report({ fault: 'missing' })
    // The window may still hold a good frame from before; what is not there for so long is not valid.
    const { windowSize } = this.options.protection.stateMachine.valid
    for (let n = 0; n < windowSize && this.state === 'valid'; n++) {
      this.#inspector.inspect(undefined)
      this.#feed('no-new-data')
    }
  }

  #feed(status: E2eInspection['status']): void {
    const before = this.state
    if (this.#machine.check(status) !== before) this.options.onState(this.state)
  }

  #report({ fault, detail }: Pick<Finding, 'fault' | 'detail'>): void {
    if (fault === undefined) return
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1
    this.options.onFault(fault, detail)
  }
}
