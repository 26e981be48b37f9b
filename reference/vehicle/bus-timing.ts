import { parkingBus } from '../contracts/parking-bus.js'

/** Wall times on the bus between T-BOX and head unit, milliseconds. */
export interface BusTiming {
  /** Between two ParkingPlanInfo frames; both ends must agree. */
  readonly cycleMs: number
  /** Between the first ones of a plan, and after a change; never more than `cycleMs`. */
  readonly fastCycleMs: number
  /** How long the T-BOX waits until the head unit says that it displays what it was sent. */
  readonly ackTimeoutMs: number
  /** ISO-TP's N_Bs and N_Cr: how long one end waits for the other's next frame. */
  readonly transportTimeoutMs: number
}

export const DEFAULT_BUS_TIMING: BusTiming = {
  cycleMs: parkingBus.cycleMs,
  fastCycleMs: parkingBus.fastCycleMs,
  ackTimeoutMs: 4 * parkingBus.cycleMs,
  transportTimeoutMs: 1_000,
}

/** The contract's timing with changes to it. */
export function busTiming(changes: Partial<BusTiming> = {}): BusTiming {
  const timing = { ...DEFAULT_BUS_TIMING, ...changes }
  return { ...timing, fastCycleMs: Math.min(timing.fastCycleMs, timing.cycleMs) }
}
