/** With the actuator supplied a driver says something every 100 hardware ms; the firmware cuts after 450 of silence. */
const LATE_HARDWARE_MS = 250

/** A host that says nothing for so long hangs, or is gone: no busy machine explains it. Wall milliseconds. */
const PATIENCE_MS = 1_000

export interface HostPatienceOptions {
  /** The board's time, hardware milliseconds. */
  readonly hardwareMs: () => number
  /** Whether somebody who has to be heard holds the line: power is on the actuator, and the line is open. */
  readonly isExpected: () => boolean
  /** A monotonic wall clock, milliseconds. */
  readonly nowMs?: () => number
}

/**
 * A simulated board can do what no soldered one can: wait for a host that gets no processor. Without that a busy machine
 * would be late with the heartbeat, and the guard's cut, right as it is, would look like a fault of the product. It
 * waits once a silence, and not for ever: a host that hangs is found out on the board's own time as ever.
 */
export class HostPatience {
  readonly #options: HostPatienceOptions
  readonly #nowMs: () => number
  #heardAtMs = 0
  #waitingSinceMs: number | undefined
  #isSpent = false

  constructor(options: HostPatienceOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? (() => performance.now())
  }

  /** To be called when bytes of the host arrive. */
  heard(): void {
    this.#heardAtMs = this.#options.hardwareMs()
    this.#waitingSinceMs = undefined
    this.#isSpent = false
  }

  /** Whether the board's time may go on. */
  mayRun(): boolean {
    const { hardwareMs, isExpected } = this.#options
    if (this.#isSpent || hardwareMs() - this.#heardAtMs < LATE_HARDWARE_MS || !isExpected()) {
      this.#waitingSinceMs = undefined
      return true
    }
    const nowMs = this.#nowMs()
    this.#waitingSinceMs ??= nowMs
    this.#isSpent = nowMs - this.#waitingSinceMs >= PATIENCE_MS
    return this.#isSpent
  }
}
