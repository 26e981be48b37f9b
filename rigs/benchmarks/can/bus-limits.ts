import { measureBus, type MeasuredBus } from './measure-bus.js'
import type { PlannedFrame } from './measurement.js'

/** A bus of ours under as many frames as a wire of that bit rate can carry at most. */
export interface LimitRow {
  readonly bus: string
  readonly bitrate: number
  /** Asked for: frames of 8 bytes with an 11-bit id and as many stuff bits as there can be, 135 bits each. */
  readonly framesPerSecond: number
  readonly sent: number
  readonly received: number
  /** Sent and neither received nor reported as lost, or reported as lost: both must be 0. */
  readonly lost: number
  /** Seconds of one core for each second: aim under 0.5. */
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
  const { sent, received, senderCpu, receiverCpu } = await measureBus('lockstep', address, {
    frames: [STUFFED],
    count: framesPerSecond * SECONDS,
    framesPerSecond,
    stamped: false,
    warmUp: 0,
  })
  return { bus, bitrate, framesPerSecond, sent, received, lost: sent - received, senderCpu, receiverCpu }
}
