import { parkingBus } from '../contracts/parking-bus.js'

/** Wall times on the bus between T-BOX and head unit, milliseconds. */
export interface BusTiming {
  /** Between two ParkingPlanInfo frames; both ends must agree. */
  readonly cycleMs: number
  /** How long the T-BOX waits until the head unit says that it displays what it was sent. */
  readonly ackTimeoutMs: number
  /** ISO-TP's N_Bs and N_Cr: how long one end waits for the other's next frame. */
  readonly transportTimeoutMs: number
}

/** A head unit that has missed this many cycles has no valid data (`parking.dbc`, ParkingPlanInfo). */
export const MISSED_CYCLES_LIMIT = 3

export const DEFAULT_BUS_TIMING: BusTiming = {
  cycleMs: parkingBus.cycleMs,
  ackTimeoutMs: 4 * parkingBus.cycleMs,
  transportTimeoutMs: 1_000,
}
