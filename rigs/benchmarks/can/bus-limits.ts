import { measureBus, type MeasuredBus } from './measure-bus.js'
import type { PlannedFrame } from './measurement.js'

/** A bus of ours under as many frames as a wire of that bit rate can carry at most. */
export interface LimitRow {
  readonly bus: string
  readonly bitrate: number
  /** Asked for: frames of 8 bytes with an 11-bit id and as many stuff bits as there can be, 135 bits each. */
  readonly framesPerSecond: number
  /** That arrived, between the first and the last: lower than asked for where the bus could not keep up. */
  readonly carriedPerSecond: number
  readonly sent: number
  readonly received: number
  /** Sent and not received, whether the receiver reports them or not. */
  readonly lost: number
  /**
   * Seconds of one core for each second, the driver's children included: aim under 0.5. A memory bus has both sides in
   * one process: then both say what they take together.
   */
  readonly senderCpu: number
  readonly receiverCpu: number
}

/** 11-bit id, 8 bytes, and 24 stuff bits for the 98 that are stuffed (ISO 11898-1): more no frame can take. */
export const WORST_CASE_BITS = 135
const SECONDS = 5

/**
 * 133 bits: runs of four between its stuff bits, up to the CRC. The bound of 135 leaves out that the fixed bits of the
 * header break a run; of 18 million frames made this way none took more.
 */
export const STUFFED: PlannedFrame = { id: 0, extended: false, data: '01e1e1e1e1e1e1e1' }

export const LIMIT_BITRATES = [500_000, 1_000_000]

export async function measureLimit(bus: string, address: MeasuredBus, bitrate: number): Promise<LimitRow> {
  const framesPerSecond = Math.floor(bitrate / WORST_CASE_BITS)
  const {
    sent,
    received,
    senderCpu,
    receiverCpu,
    framesPerSecond: carriedPerSecond,
  } = await measureBus('lockstep', address, {
    frames: [STUFFED],
    count: framesPerSecond * SECONDS,
    framesPerSecond,
    stamped: false,
    warmUp: 0,
  })
  const lost = sent - received
  return {
    ...{ bus, bitrate, framesPerSecond, carriedPerSecond },
    ...{ sent, received, lost, senderCpu, receiverCpu },
  }
}
