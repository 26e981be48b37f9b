/** A slice of the circuit's time, and the most that it may lag behind the wall before the lag is dropped. */
const SLICE_MS = 1
const MAX_LAG_MS = 50

/** How often a circuit that has to wait asks whether it may go on, wall milliseconds. */
const WAIT_MS = 1

export interface Paced {
  readonly cyclesPerSecond: number
  readonly cycle: number
  runUntil(cycle: number): void
}

export interface Pace {
  /** Wall milliseconds that were dropped because the host could not keep up; the circuit's time has no gap. */
  readonly droppedMs: number
  stop(): void
}

/**
 * Runs a circuit in step with the wall: 1 ms slices, the event loop free between them. A host that is too slow makes
 * the circuit slow, never wrong: lag over 50 ms is dropped and counted.
 * @param options.timeScale hardware milliseconds per wall millisecond
 * @param options.afterSlice called after each slice, e.g. to pass bytes on
 * @param options.mayRun asked before each slice; while it says no, the circuit's time stands still
 * @param options.nowMs a monotonic wall clock, milliseconds
 */
export function paceInRealTime(
  circuit: Paced,
  options: {
    readonly timeScale: number
    readonly afterSlice: () => void
    readonly mayRun?: () => boolean
    readonly nowMs?: () => number
  },
): Pace {
  const { timeScale, afterSlice, mayRun = () => true, nowMs = () => performance.now() } = options
  const cyclesPerMs = circuit.cyclesPerSecond / 1000
  let origin = nowMs() - circuit.cycle / cyclesPerMs / timeScale
  let droppedMs = 0
  let stopped = false
  const step = () => {
    if (stopped) return
    const doneMs = circuit.cycle / cyclesPerMs / timeScale
    const lagMs = nowMs() - origin - doneMs
    if (lagMs > MAX_LAG_MS) {
      droppedMs += lagMs
      origin += lagMs
    }
    if (lagMs < 0) {
      setTimeout(step, Math.ceil(-lagMs))
      return
    }
    if (!mayRun()) {
      setTimeout(step, WAIT_MS)
      return
    }
    circuit.runUntil(circuit.cycle + SLICE_MS * cyclesPerMs)
    afterSlice()
    setImmediate(step)
  }
  setImmediate(step)
  return {
    get droppedMs() {
      return droppedMs
    },
    stop: () => {
      stopped = true
    },
  }
}
