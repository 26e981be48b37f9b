/** The time that ISO-TP goes by: its separation times and timeouts are times of the wire. */
export interface IsoTpClock {
  /** Microseconds from any origin; never runs back. */
  nowUs(): number
  /**
   * Calls `call` once, `delayUs` microseconds from now or later; never earlier, and never before `after` returns.
   * @returns calls it off
   */
  after(delayUs: number, call: () => void): () => void
}

/** Node's timers have whole milliseconds and come up to one late: nearer to its end, a wait turns the event loop. */
const COARSE_US = 2_000

/**
 * This process's own clock. A wait ends within a turn of the event loop of its end, where a timer alone would make
 * 1 ms of 100 µs; the turns take a core for 2 ms at most, and let everything else in.
 */
export const systemIsoTpClock: IsoTpClock = {
  nowUs: () => performance.now() * 1_000,
  after(delayUs, call) {
    const dueUs = systemIsoTpClock.nowUs() + delayUs
    let cancel: () => void
    const turn = () => {
      const immediate = setImmediate(look)
      cancel = () => clearImmediate(immediate)
    }
    const look = () => {
      const remainingUs = dueUs - systemIsoTpClock.nowUs()
      if (remainingUs <= 0) return call()
      if (remainingUs <= COARSE_US) return turn()
      const timer = setTimeout(look, Math.floor((remainingUs - COARSE_US / 2) / 1_000))
      cancel = () => clearTimeout(timer)
    }
    if (delayUs <= 0) turn()
    else look()
    return () => cancel()
  },
}
