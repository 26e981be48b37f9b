import {
  DEFAULT_BATTERY_THRESHOLDS,
  DEFAULT_BOLT_THRESHOLDS,
} from '../../../reference/domain/lock-thresholds.js'
import { BoltControl, type Ending } from '../../../reference/lock/bolt-control.js'
import type { BoltTarget, LockHardware } from '../../../reference/ports/lock-hardware.js'
import { RigFault } from '../rig-errors.js'
import { readingsFrom, type LockReadings } from './lock-readings.js'

/** A relay that has not opened by then has not heard, hardware milliseconds. */
const REST_MS = 500
/** Twice the driver's sampling interval, hardware milliseconds. */
const FRESH_MS = 20

export interface BoltMove {
  readonly ending: Ending
  /** Why the bolt stands elsewhere, e.g. `jammed`. */
  readonly fault: string | null
  /** From the order to the end, hardware milliseconds; 0 when the bolt stood there already. */
  readonly hardwareMs: number
  readonly readings: LockReadings
}

/**
 * Moves the bolt by the lock's own rules (homing, no rise under a vehicle, stall, sensors, battery): there is no other way
 * to drive it from the command line.
 * @throws RigFault when the board is lost on the way
 */
export async function moveBolt(hardware: LockHardware, target: BoltTarget): Promise<BoltMove> {
  let lost: string | undefined
  const control = new BoltControl(hardware, {
    thresholds: { bolt: DEFAULT_BOLT_THRESHOLDS, battery: DEFAULT_BATTERY_THRESHOLDS },
    onChange: () => undefined,
    onLost: (loss) => (lost = loss),
  })
  try {
    await control.standing()
    const orderedAt = hardware.sample.hardwareMs
    const ending = lost ? 'fault' : await control.moveTo(target)
    const { hardwareMs } = hardware.sample
    // The readings are those of the lock at rest: the relay's contact follows its coil after some milliseconds.
    await control.until(
      (_machine, sample) => !sample.actuatorSupplied || sample.hardwareMs - hardwareMs > REST_MS,
    )
    // Those of one sample are up to a sampling interval apart: the current must be younger than the contact's opening.
    await control.afterHardwareMs(FRESH_MS)
    if (lost) throw new RigFault(`the lock's board was lost on the way: ${lost}`)
    return {
      ending,
      fault: control.bolt.fault ?? null,
      hardwareMs: hardwareMs - orderedAt,
      readings: readingsFrom(hardware.sample),
    }
  } finally {
    control.close()
  }
}
