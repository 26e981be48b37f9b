/** What goes wrong at the platform, as a test has switched it. */
export interface FaultSettings {
  /** Each delivery of a push is held back so long, wall time. */
  readonly pushDelayMs: number
  /** Every push is delivered this often although it was answered, as when answers get lost; 1 is off. */
  readonly repeatDeliveries: number
  /** The next so many pushes never reach the account. */
  readonly losePushes: number
  /** The next so many pushes are held until the last of them has come, then delivered last first; 0 is off. */
  readonly reorderPushes: number
  /** Each call of the API is answered so late, wall time. */
  readonly apiDelayMs: number
  /** Connections to the API are cut without an answer. */
  readonly apiDown: boolean
  /** The next so many calls are answered with an HTTP error. */
  readonly apiFailures: number
  readonly apiFailureStatus: number
  /** JSON comes as `text/plain`. */
  readonly textPlain: boolean
  /** Paths whose quota of the day is used up. */
  readonly quotaSpent: readonly string[]
  /** No address is on any account's allow-list. */
  readonly refuseAddresses: boolean
  /** Template messages fail at the platform. */
  readonly templatesFail: boolean
}

export const NO_FAULTS: FaultSettings = {
  pushDelayMs: 0,
  repeatDeliveries: 1,
  losePushes: 0,
  reorderPushes: 0,
  apiDelayMs: 0,
  apiDown: false,
  apiFailures: 0,
  apiFailureStatus: 503,
  textPlain: false,
  quotaSpent: [],
  refuseAddresses: false,
  templatesFail: false,
}

/** The faults of one platform; those with a count use themselves up. */
export class Faults {
  #settings: FaultSettings = NO_FAULTS

  get settings(): FaultSettings {
    return this.#settings
  }

  /** Replaces all switches: what is not named is off. */
  set(settings: Partial<FaultSettings>): void {
    this.#settings = { ...NO_FAULTS, ...settings }
  }

  get templatesFail(): boolean {
    return this.#settings.templatesFail
  }

  /** Whether this push is lost. */
  losesPush(): boolean {
    return this.#use('losePushes')
  }

  /** The status with which this call fails, or undefined. */
  failedStatus(): number | undefined {
    return this.#use('apiFailures') ? this.#settings.apiFailureStatus : undefined
  }

  #use(counter: 'losePushes' | 'apiFailures'): boolean {
    const left = this.#settings[counter]
    if (left === 0) return false
    this.#settings = { ...this.#settings, [counter]: left - 1 }
    return true
  }
}

/** Resolves after `ms` of wall time, or when `until` aborts. */
export function heldBack(ms: number, until: AbortSignal): Promise<void> {
  if (ms === 0 || until.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      until.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    until.addEventListener('abort', done)
  })
}
