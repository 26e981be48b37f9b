import { readFileSync } from 'node:fs'
import { parseCalibration, type CameraCalibration } from '../../../reference/scanner/calibrate.js'
import { RigFault } from '../rig-errors.js'

/** The file that a profile names for its camera's calibration cannot be used. */
export class CalibrationUnreadable extends RigFault {
  override readonly name = 'CalibrationUnreadable'
  constructor(file: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(
      `the camera's calibration ${file}: ${why}\n` +
        '  To mend it: lockstep doctor --rig RIG --calibrate, or take camera.calibration out of the profile',
      { cause },
    )
  }
}

/** @throws CalibrationUnreadable */
export function readCalibration(file: string): CameraCalibration {
  try {
    return parseCalibration(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new CalibrationUnreadable(file, cause)
  }
}
