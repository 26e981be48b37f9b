import type { CameraCalibration } from '../../../reference/scanner/calibrate.js'
import { parseCameraUrl, withoutPassword } from '../../drivers/camera/camera-url.js'
import { startRenderedCamera } from '../../simulated/rendered-camera/rendered-camera.js'
import type { Fidelity, Profile } from '../profile-schema.js'
import type { Easel } from '../stage/lock-station.js'
import type { CameraSource } from './camera-source.js'
import { readCalibration } from './rig-calibration.js'
import { readRenderedSettings, SETTINGS } from './rendered-settings.js'
import { startScreenEasel } from './screen-easel.js'

/** Frames a second of a rendered camera whose URL names none. */
const RENDERED_FPS = 12

/** Of the page behind a picture in a dark viewer, 0…255. */
const DARK_MODE_LEVEL = 17

/** The camera of a rig's lock, and whatever stands before it. */
export interface RigEye {
  /** For the lock's process, which opens it. */
  readonly source: CameraSource
  readonly easel: Easel
  /** What carries the light, for the record. */
  readonly by: string
  close(): Promise<void>
}

/**
 * Sets up a rig's camera: a rendered one sees what the bench draws; before any other stands a device with the bench's
 * page on its screen.
 * @param tell is told what a person has to do
 * @param shownWithinMs how long a device with the page open may take to show a picture, wall milliseconds
 * @throws CannotListen, CalibrationUnreadable
 */
export async function openRigEye(
  { url, screen, calibration }: Profile['camera'],
  tell: (line: string) => void,
  shownWithinMs?: number,
): Promise<RigEye> {
  const parsed = parseCameraUrl(url, SETTINGS)
  if (parsed.kind === 'rendered') {
    const { camera: options, pose } = readRenderedSettings(parsed.settings)
    const fps = parsed.settings.has('fps') ? options.fps : RENDERED_FPS
    const camera = await startRenderedCamera({ ...options, ...(fps !== undefined && { fps }) })
    return {
      source: { stream: camera.stream },
      easel: {
        show: (picture, device, { beside, isDarkMode } = {}) =>
          camera.show(picture, device, { ...pose, ...(isDarkMode && { darkPage: DARK_MODE_LEVEL }) }, beside),
        hide: () => camera.hide(),
        stick: (picture) => camera.stick(picture),
      },
      by: 'rendered frames',
      close: () => camera.close(),
    }
  }
  const judgedBy: CameraCalibration | undefined =
    calibration === undefined ? undefined : readCalibration(calibration)
  const easel = await startScreenEasel(screen, shownWithinMs)
  tell(`the screen before the camera: open ${easel.url} there`)
  return {
    source: { url, ...(judgedBy && { calibration: judgedBy }) },
    easel,
    by: `a screen, seen by ${withoutPassword(url)}`,
    close: () => easel.close(),
  }
}

/** How real the light is: drawn, or a camera's; a recording is nobody's light. */
export function lightFidelity({ camera, fidelity }: Profile): Fidelity {
  const { kind } = parseCameraUrl(camera.url, SETTINGS)
  return kind === 'rendered' || kind === 'file' ? 'virtual' : fidelity
}
