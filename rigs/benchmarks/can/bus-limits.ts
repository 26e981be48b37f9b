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

/** 11-bit id, 8 bytes, the most stuff bits: 111 + 24 (ISO 11898-1). */
const WORST_CASE_BITS = 135
const SECONDS = 5

/** Zeros and ones in runs that a controller must stuff as often as possible. */
const STUFFED: PlannedFrame = { id: 0x078, extended: false, data: '3c3c3c3c3c3c3c3c' }

export const LIMIT_BITRATES = [500_000, 1_000_000]

export async function measureLimit(bus: string, address: MeasuredBus, bitrate: number): Promise<LimitRow> {
  const framesPerSecond = Math.floor(bitrate / WORST_CASE_BITS)
  const { sent, received, senderCpu, receiverCpu } = await measureBus('lockstep', address, {
    frames: [STUFFED],
    count: framesPerSecond * SECONDS,
    framesPerSecond,
    stamped: false,
  })
  return { bus, bitrate, framesPerSecond, sent, received, lost: sent - received, senderCpu, receiverCpu }
}
