import type { LockBench } from './lock-bench.js'
import { describeCutOff, readingsFrom, type CutOffReading, type LockReadings } from './lock-readings.js'
import { RigFault } from '../rig-errors.js'

export interface Rearmed {
  /** `cause-remains`: nothing was lifted, since the protection would be right to cut again. */
  readonly outcome: 'rearmed' | 'nothing-latched' | 'no-protections' | 'cause-remains'
  /** The latch that was found. */
  readonly cutOff: CutOffReading | null
  readonly readings: LockReadings
}

/**
 * Lifts the cut-off that a lock's board has latched, and has the board say that it is gone; nothing moves.
 * @throws RigFault when the board keeps it
 */
export async function rearmBoard(bench: Pick<LockBench, 'connect' | 'supervisor'>): Promise<Rearmed> {
  const hardware = await bench.connect()
  const readings = readingsFrom(hardware.sample)
  const { cutOff } = readings
  if (!hardware.rearm) return { outcome: 'no-protections', cutOff, readings }
  if (!cutOff) return { outcome: 'nothing-latched', cutOff, readings }
  if (readings.bolt === 'contradictory') return { outcome: 'cause-remains', cutOff, readings }
  hardware.rearm()
  await hardware.close()
  // The board's own word, asked for by the supervisor after the last byte of the driver.
  const { readback } = await bench.supervisor.makeSafe()
  if (readback?.guard?.latched !== false) {
    throw new RigFault(`the lock's board still holds its cut-off (${cutOff.cause}), or does not answer`)
  }
  return { outcome: 'rearmed', cutOff, readings: { ...readings, cutOff: null } }
}

/** For people. */
export function describeRearm({ outcome, cutOff }: Rearmed): string {
  switch (outcome) {
    case 'rearmed':
      return `the cut-off (${cutOff?.cause}) is lifted; the bolt moves by the next lock up or lock down`
    case 'nothing-latched':
      return 'no cut-off is latched'
    case 'no-protections':
      return "the board's firmware has no protections, and latches nothing"
    case 'cause-remains':
      return `not re-armed, both limit switches are still pressed. ${cutOff ? describeCutOff(cutOff) : ''}`
  }
}
