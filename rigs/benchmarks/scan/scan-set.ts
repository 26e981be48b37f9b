import bwip from 'bwip-js'
import qrcode from 'qrcode'
import { createUnlockCode, type Symbology } from '../../../reference/domain/unlock-code.js'
import type { Frame } from '../../../reference/ports/camera.js'
import type { FrameSize, Pose } from '../../simulated/rendered-camera/pose.js'
import { sceneWithDevice } from '../../simulated/rendered-camera/scene.js'
import { createSensor } from '../../simulated/rendered-camera/sensor.js'
import { seededRandom } from '../../simulated/seeded-random.js'
import { DEGRADATIONS, LEVELS, type Degradation } from './degradations.js'

export interface ScanSample {
  readonly frame: Frame
  readonly degradation: string
  /** 1 (light) … 6 (grave). */
  readonly level: number
  /** What the frame shows; undefined for one without a code of ours. */
  readonly truth?: { readonly text: string; readonly symbology: Symbology }
}

export const FRAME_SIZES: readonly FrameSize[] = [
  { width: 640, height: 480 },
  { width: 1280, height: 720 },
]
/** Frames of one degradation, level and size: 13 × 6 × 2 × 4 = 624 QR codes, 13 × 6 × 2 × 2 = 312 barcodes. */
const VARIANTS: Readonly<Record<Symbology, number>> = { qr: 4, code128: 2 }

/** The lock's own form first; a scanner meets others too. */
const QR_FORMS = [
  { version: 2, errorCorrectionLevel: 'H' },
  { version: 3, errorCorrectionLevel: 'M' },
  { version: 4, errorCorrectionLevel: 'H' },
  { version: 6, errorCorrectionLevel: 'M' },
] as const

async function drawCode(text: string, symbology: Symbology, variant: number): Promise<Buffer> {
  if (symbology === 'qr') return qrcode.toBuffer(text, { ...QR_FORMS[variant % 4], margin: 4, scale: 12 })
  return bwip.toBuffer({
    bcid: 'code128',
    text,
    scale: 4,
    height: 24,
    paddingwidth: 10,
    paddingheight: 10,
    backgroundcolor: 'FFFFFF',
  })
}

/** What a careful user does: near enough, roughly straight. A barcode is held at any angle in every second frame. */
function carefulPose(symbology: Symbology, variant: number, random: () => number): Pose {
  const rotationDegrees =
    symbology === 'qr' ? 50 * (random() - 0.5) : variant % 2 === 0 ? 6 * (random() - 0.5) : 360 * random()
  return {
    rotationDegrees,
    timesFarther: symbology === 'qr' ? 1.4 + 0.8 * random() : 1 + 0.1 * random(),
    tiltDegrees: 16 * (random() - 0.5),
    pitchDegrees: 16 * (random() - 0.5),
  }
}

async function sampleOf(
  symbology: Symbology,
  degradation: Degradation,
  step: number,
  size: FrameSize,
  variant: number,
  seed: number,
): Promise<ScanSample> {
  const random = seededRandom(seed)
  const text = createUnlockCode((limit) => Math.floor(random() * limit))
  const level = step / (LEVELS - 1)
  const careful = carefulPose(symbology, variant, random)
  const pose = { ...careful, ...degradation.pose(level, random), seed }
  // A barcode fills the frame as it is: it is taken farther away by a third of what a QR code bears.
  if (symbology === 'code128' && degradation.name === 'distance') pose.timesFarther = 1 + 0.9 * level
  const device = variant % 3 === 2 ? 'tablet' : 'phone'
  const scene = await sceneWithDevice(size, await drawCode(text, symbology, variant), device, pose)
  const grey = createSensor(size, seed, degradation.noise?.(level))(scene)
  return {
    frame: { ...size, grey, capturedAt: 0 },
    degradation: degradation.name,
    level: step + 1,
    truth: { text, symbology },
  }
}

/** Frames that show a code: every degradation, level and size. @param share of the set, 0…1, for a quick look */
export async function* codeSamples(symbology: Symbology, seed = 1, share = 1): AsyncGenerator<ScanSample> {
  let drawn = symbology === 'qr' ? 0 : 100_000
  const choose = seededRandom(seed ^ 0xc0de)
  for (const degradation of DEGRADATIONS) {
    for (let step = 0; step < LEVELS; step++) {
      for (const size of FRAME_SIZES) {
        for (let variant = 0; variant < VARIANTS[symbology]; variant++) {
          drawn++
          if (choose() >= share) continue
          yield sampleOf(symbology, degradation, step, size, variant, seed * 1_000_003 + drawn)
        }
      }
    }
  }
}
