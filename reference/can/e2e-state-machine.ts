/** AUTOSAR's E2E state machine (PRS_E2EProtocol, PRS_E2E_00345 and 00354): are the data of the last cycles fit for use? */
import { E2eMisconfigured, type E2eCheckStatus } from './e2e-status.js'

export type E2eState = 'no-data' | 'init' | 'valid' | 'invalid'

export interface E2eStateLimits {
  /** The last so many checks count. */
  readonly windowSize: number
  /** At least so many of them are `ok` … */
  readonly minOk: number
  /** … and at most so many are `error`. */
  readonly maxError: number
}

export interface E2eStateMachineConfig {
  readonly init: E2eStateLimits
  readonly valid: E2eStateLimits
  readonly invalid: E2eStateLimits
  /** ClearToInvalid: a fall to `invalid` forgets the checks before it. */
  readonly clearToInvalid: boolean
}

/** @throws E2eMisconfigured */
export function requireStateMachineConfig(config: E2eStateMachineConfig): void {
  for (const state of ['init', 'valid', 'invalid'] as const) {
    const { windowSize, minOk, maxError } = config[state]
    const whole = [windowSize, minOk, maxError].every((count) => Number.isInteger(count) && count >= 0)
    // A window of init or invalid that is longer than that of valid would be cut on the way (constr_6301, 6302).
    const sound = windowSize >= 1 && windowSize <= config.valid.windowSize && minOk >= 1
    if (!whole || !sound || minOk > windowSize || maxError > windowSize)
      throw new E2eMisconfigured(
        `E2E state machine, ${state}: a window of ${windowSize} with at least ${minOk} ok and at most ${maxError} errors`,
      )
  }
}

/** Counter faults (`repeated`, `wrong-sequence`) and silence are neither ok nor errors: they use up the window. */
export class E2eStateMachine {
  #state: E2eState = 'no-data'
  /** Oldest first. */
  #window: E2eCheckStatus[] = []

  /** @throws E2eMisconfigured */
  constructor(private readonly config: E2eStateMachineConfig) {
    requireStateMachineConfig(config)
  }

  get state(): E2eState {
    return this.#state
  }

  /** E2E_SMCheck, once for every check of the profile. @returns the state after it */
  check(status: E2eCheckStatus): E2eState {
    const from = this.#state
    if (from === 'no-data') {
      if (status !== 'error' && status !== 'no-new-data') this.#state = 'init'
      return this.#state
    }
    const { windowSize, minOk, maxError } = this.config[from]
    this.#window = [...this.#window, status].slice(-windowSize)
    const count = (wanted: E2eCheckStatus) => this.#window.filter((seen) => seen === wanted).length
    const errors = count('error')
    if (errors <= maxError && count('ok') >= minOk) this.#state = 'valid'
    else if (from === 'valid' || errors > maxError) this.#state = 'invalid'
    if (this.#state === 'invalid' && from !== 'invalid' && this.config.clearToInvalid) this.#window = []
    return this.#state
  }
}
