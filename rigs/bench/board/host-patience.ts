/** With the actuator supplied a driver says something every 100 hardware ms; the firmware cuts after 450 of silence. */
const LATE_HARDWARE_MS = 250

export interface HostPatienceOptions {
  /** The board's time, hardware milliseconds. */
  readonly hardwareMs: () => number
  /** Whether a controller that has to be heard holds the line: power is on the actuator, and the line is open. */
  readonly isExpected: () => boolean
  /**
   * How long the host's processes have been runnable without a processor so far, wall milliseconds; undefined where the
   * system does not tell it.
   */
  readonly hostWaitedMs: () => number | undefined
  /** Called at the end of a silence for which the board's time stood still, wall milliseconds. */
  readonly onUsed?: (waitedMs: number) => void
  /** A monotonic wall clock, milliseconds. */
  readonly nowMs?: () => number
}

/**
 * A simulated board can do what no soldered one can: wait for a host that gets no processor. Without that a busy machine
 * would be late with the heartbeat, and the guard's cut, right as it is, would look like a fault of the product. Its time
 * stands still for no longer than the host was runnable without a processor since it was heard last: a host that hangs,
 * or is stopped, is cut off on the board's own time, as by a soldered board.
 */
export class HostPatience {
  readonly #options: HostPatienceOptions
  readonly #nowMs: () => number
  #heardAtMs = 0
  #hostWaitedMs: number | undefined
  #stoodStillMs = 0
  #standsSinceMs: number | undefined

  constructor(options: HostPatienceOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? (() => performance.now())
  }

  /** To be called when bytes of the host arrive. */
  heard(): void {
    const { hardwareMs, hostWaitedMs, isExpected, onUsed } = this.#options
    this.#stand(false)
    if (this.#stoodStillMs > 0) onUsed?.(this.#stoodStillMs)
    this.#stoodStillMs = 0
    this.#heardAtMs = hardwareMs()
    this.#hostWaitedMs = isExpected() ? hostWaitedMs() : undefined
  }

  /** Whether the board's time may go on. */
  mayRun(): boolean {
    const { hardwareMs, isExpected, hostWaitedMs } = this.#options
    if (hardwareMs() - this.#heardAtMs < LATE_HARDWARE_MS || !isExpected()) return this.#stand(false)
    const waitedMs = hostWaitedMs()
    if (waitedMs === undefined) return this.#stand(false)
    this.#hostWaitedMs ??= waitedMs
    this.#stand(this.#standsSinceMs !== undefined)
    return this.#stand(this.#stoodStillMs < waitedMs - this.#hostWaitedMs)
  }

  /** @returns whether the board's time goes on */
  #stand(still: boolean): boolean {
    const nowMs = this.#nowMs()
    if (this.#standsSinceMs !== undefined) this.#stoodStillMs += nowMs - this.#standsSinceMs
    this.#standsSinceMs = still ? nowMs : undefined
    return !still
  }
}
