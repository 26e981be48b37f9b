import { writeFileSync } from 'node:fs'
import type { CameraFault } from '../../../reference/domain/camera-fault.js'
import type { Frame } from '../../../reference/ports/camera.js'
import { calibrate, CalibrationRefused } from '../../../reference/scanner/calibrate.js'
import { CameraHealth, type HealthOptions } from '../../../reference/scanner/camera-health.js'
import { TARGET_CARD_TEXT } from '../../../reference/scanner/target-card.js'
import { CameraUnavailable } from '../../drivers/camera/camera-errors.js'
import { openDecoder } from '../../drivers/decoders/open-decoder.js'
import { openCameraSource } from '../camera/camera-source.js'
import type { OpenedCamera } from '../camera/open-any-camera.js'
import { CalibrationUnreadable } from '../camera/rig-calibration.js'
import { openRigEye, type RigEye } from '../camera/rig-eye.js'
import { NoScreen } from '../camera/screen-easel.js'
import { collectFrames, firstTextIn, targetCardPng } from '../camera/see-card.js'
import type { Profile } from '../profile-schema.js'
import { cannotTell, judge, judgeFact, type Finding } from './finding.js'
import type { Hands } from './hands.js'

/** Enough for the rate of the frames to be judged. */
const FRAMES = 31
const FRAMES_MS = 20_000
/** How long a device with the bench's page open may take to show the card; a printed one is asked for then. */
const SCREEN_MS = 3_000
/** Less than that, and a phone is waved past unseen. */
const LEAST_FPS = 5

export interface CameraExamination {
  /** Writes what is measured into the file that the profile names. */
  readonly calibrateTo?: string
  /** Is told what a person has to do. */
  readonly say: (line: string) => void
}

/**
 * Looks through a rig's camera at the target card: frames, health, whether the card is read; and calibrates.
 * @param tell gets each finding as soon as it is there
 */
export async function examineCamera(
  profile: Pick<Profile, 'camera' | 'lock'>,
  hands: Hands,
  { calibrateTo, say }: CameraExamination,
  tell: (finding: Finding) => void,
): Promise<void> {
  const { url, screen, calibration } = profile.camera
  const held = calibrateTo === undefined && calibration !== undefined ? { calibration } : {}
  let eye: RigEye | undefined
  let opened: OpenedCamera | undefined
  try {
    eye = await openRigEye({ url, ...(screen && { screen }), ...held }, say, SCREEN_MS)
    opened = await openCameraSource(eye.source)
    const card = await presentCard(eye, hands)
    const frames = await collectFrames(opened.camera, FRAMES, FRAMES_MS)
    judgeFrames(frames, opened.health).forEach(tell)
    if (!card)
      return void ['target card is read', 'camera calibration'].map((step) =>
        tell(cannotTell(step, hands.absence)),
      )
    const decoder = await openDecoder(profile.lock.decoder)
    const text = await firstTextIn(frames, decoder).finally(() => decoder.close())
    tell(judgeFact('target card is read', text === TARGET_CARD_TEXT, 'the card fills the frame'))
    tell(calibrateTo === undefined ? notCalibrated(calibration) : store(frames, text, calibrateTo))
  } catch (error) {
    const isCameras = error instanceof CameraUnavailable || error instanceof CalibrationUnreadable
    if (!isCameras) throw error
    tell({ step: 'camera', verdict: 'fail', figure: 'cannot be used', note: error.message })
  } finally {
    await opened?.camera.close()
    await eye?.close()
  }
}

/** On the screen before the camera where there is one, else in somebody's hand. */
async function presentCard({ easel }: RigEye, hands: Hands): Promise<boolean> {
  try {
    await easel.show(await targetCardPng(), 'tablet')
    return true
  } catch (error) {
    if (!(error instanceof NoScreen)) throw error
    return hands.please('card is shown')
  }
}

/** What the times and pixels of frames say of their camera. */
export function judgeFrames(frames: readonly Frame[], options: HealthOptions): Finding[] {
  const [first, last] = [frames[0], frames.at(-1)]
  if (!first || !last || frames.length < FRAMES)
    return [
      {
        step: 'camera frames',
        verdict: 'fail',
        figure: `${frames.length}`,
        limit: `≥ ${FRAMES} in ${FRAMES_MS / 1_000} s`,
      },
    ]
  const health = new CameraHealth(options)
  for (const frame of frames) health.frame(frame)
  const { faults } = health
  const rate = ((frames.length - 1) * 1_000) / (last.capturedAt - first.capturedAt)
  return [
    judge('camera frame rate', rate, {
      unit: 'per second',
      least: options.fps === undefined ? LEAST_FPS : options.fps * 0.88,
      margin: 0.05,
      digits: 1,
    }),
    judgeHealth(faults, `${last.width} × ${last.height} pixels`),
  ]
}

/** Frames that go missing make a scan late, not impossible. */
function judgeHealth(faults: readonly CameraFault[], size: string): Finding {
  const step = 'camera health'
  const limit = 'no fault'
  if (faults.length === 1 && faults[0] === 'dropping') {
    return {
      step,
      verdict: 'marginal',
      figure: 'dropping',
      limit,
      note: 'cable, USB bandwidth, or a busy host',
    }
  }
  return judgeFact(step, faults.length === 0, limit, faults.join(', ') || size)
}

function notCalibrated(calibration: string | undefined): Finding {
  const step = 'camera calibration'
  if (calibration !== undefined)
    return { step, verdict: 'pass', figure: calibration, limit: 'used for its health' }
  return cannotTell(
    step,
    'not calibrated: name a file (camera.calibration) in the profile, and say --calibrate',
  )
}

function store(frames: readonly Frame[], text: string | undefined, file: string): Finding {
  const step = 'camera calibration'
  try {
    const calibration = calibrate(frames, text, TARGET_CARD_TEXT)
    writeFileSync(file, `${JSON.stringify(calibration, undefined, 2)}\n`)
    return { step, verdict: 'pass', figure: `written to ${file}` }
  } catch (error) {
    if (!(error instanceof CalibrationRefused)) throw error
    return { step, verdict: 'fail', note: error.message }
  }
}
