import { loadImage } from '@napi-rs/canvas'
import { seededRandom } from '../seeded-random.js'
import { cropToSymbol } from './crop-to-symbol.js'
import { drawDevice, shownSizeMm, type Device } from './device-screen.js'
import { addFlicker, addHalfShadow } from './light.js'
import { addGlare, defocus, motionBlur } from './optics.js'
import type { FrameSize, Pose } from './pose.js'

/** The camera's horizontal field of view. */
const FIELD_OF_VIEW_DEGREES = 60
/** The shares of the frame that the picture takes at most by default: a user fills what the scanner sees. */
const DEFAULT_FILL = { width: 0.92, height: 0.8 }

const radians = (degrees: number) => (degrees * Math.PI) / 180

/** A dim garage: darker towards the ground, a lamp to the upper left. */
export function emptyScene({ width, height }: FrameSize): Uint8Array {
  const grey = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const lamp = Math.hypot(x / width - 0.15, y / height - 0.1)
      grey[y * width + x] = 46 - 14 * (y / height) + 22 * Math.exp(-6 * lamp * lamp)
    }
  }
  return grey
}

/** How near the turned picture can come so that the frame still holds it, distance as a share of the focal length. */
function nearest(frame: FrameSize, shown: FrameSize, rotation: number): number {
  const [cos, sin] = [Math.abs(Math.cos(rotation)), Math.abs(Math.sin(rotation))]
  return Math.max(
    (shown.width * cos + shown.height * sin) / (DEFAULT_FILL.width * frame.width),
    (shown.height * cos + shown.width * sin) / (DEFAULT_FILL.height * frame.height),
  )
}

/** Columns of the rotation that holds the device: about the vertical axis, then the horizontal one, then in its plane. */
function axesOf(tilt: number, pitch: number, rotation: number) {
  const [cosT, sinT] = [Math.cos(tilt), Math.sin(tilt)]
  const [cosP, sinP] = [Math.cos(pitch), Math.sin(pitch)]
  const [cosR, sinR] = [Math.cos(rotation), Math.sin(rotation)]
  const across = { x: cosT, y: 0, z: -sinT }
  const down = { x: sinT * sinP, y: cosP, z: cosT * sinP }
  const mix = (a: number, b: number) => ({
    x: a * across.x + b * down.x,
    y: a * across.y + b * down.y,
    z: a * across.z + b * down.z,
  })
  return {
    right: mix(cosR, -sinR),
    down: mix(sinR, cosR),
    normal: { x: sinT * cosP, y: -sinP, z: cosT * cosP },
  }
}

const LARGEST_TILT_DEGREES = 70
const tiltOf = (degrees = 0) =>
  radians(Math.max(-LARGEST_TILT_DEGREES, Math.min(LARGEST_TILT_DEGREES, degrees)))

/** Dots of the screen a millimetre (about 460 a inch), whose beat with the sensor's pixels is the moiré. */
const DOTS_PER_MM = 18

/**
 * The scene as a pinhole camera sees it: each pixel's ray is followed back to the device's plane. Drawn once for a
 * pose; what changes from frame to frame (noise, the hand) is added later.
 * @param onto the scene behind the device
 */
export async function sceneWithDevice(
  size: FrameSize,
  picturePng: Buffer,
  device: Device,
  pose: Pose = {},
  onto: Uint8Array = emptyScene(size),
): Promise<Uint8Array> {
  const { width, height } = size
  const focal = width / 2 / Math.tan(radians(FIELD_OF_VIEW_DEGREES / 2))
  const whole = await loadImage(picturePng)
  const picture = pose.darkPage === undefined ? whole : cropToSymbol(whole)
  const shown = shownSizeMm(device, picture)
  const rotation = radians(pose.rotationDegrees ?? 0)
  const distanceMm = (pose.distanceMm ?? focal * nearest(size, shown, rotation)) * (pose.timesFarther ?? 1)
  const axes = axesOf(tiltOf(pose.tiltDegrees), tiltOf(pose.pitchDegrees), rotation)
  const brightness = Math.max(0, Math.min(1, pose.brightness ?? 0.9))
  const moire = Math.max(0, Math.min(1, pose.moire ?? 0))
  // Finer than the frame, so that a bar's edge lies where it should, but not so fine that sampling skips pixels.
  const front = drawDevice(device, picture, Math.min(20, Math.max(2, (1.8 * focal) / distanceMm)), pose)
  // What is left of the screen's dots when the sensor has sampled them: their beat with the nearest whole number.
  const dotsPerPixel = (DOTS_PER_MM * distanceMm) / focal
  const beat = (2 * Math.PI * (dotsPerPixel - Math.round(dotsPerPixel) || 0.11) * focal) / distanceMm

  const grey = onto.slice()
  const { right, down, normal } = axes
  const middle = width * (0.5 + (pose.offset ?? 0))
  for (let row = 0; row < height; row++) {
    const b = (row + 0.5 - height / 2) / focal
    for (let column = 0; column < width; column++) {
      const a = ((pose.mirrored ? width - column - 0.5 : column + 0.5) - middle) / focal
      const reach = (normal.z * distanceMm) / (normal.x * a + normal.y * b + normal.z)
      if (reach <= 0) continue
      const [px, py, pz] = [a * reach, b * reach, reach - distanceMm]
      const mmX = px * right.x + py * right.y + pz * right.z
      const mmY = px * down.x + py * down.y + pz * down.z
      const x = (mmX + front.pictureCentreMm.x) * front.pixelsPerMm - 0.5
      const y = (mmY + front.pictureCentreMm.y) * front.pixelsPerMm - 0.5
      const left = Math.floor(x)
      const top = Math.floor(y)
      if (left < 0 || top < 0 || left >= front.width - 1 || top >= front.height - 1) continue
      const at = top * front.width + left
      const [u, v] = [x - left, y - top]
      const upper = (front.grey[at] ?? 0) * (1 - u) + (front.grey[at + 1] ?? 0) * u
      const lower =
        (front.grey[at + front.width] ?? 0) * (1 - u) + (front.grey[at + front.width + 1] ?? 0) * u
      let light = upper * (1 - v) + lower * v
      if (moire > 0) {
        const bands = Math.cos(beat * mmX + 0.02 * mmY * mmY) + Math.cos(beat * mmY - 0.015 * mmX * mmX)
        light += moire * 60 * bands
      }
      // Even a dark screen mirrors a little of the room.
      const seen = 12 + brightness * 0.92 * light
      grey[row * width + column] = seen < 0 ? 0 : seen > 255 ? 255 : seen
    }
  }
  const random = seededRandom((pose.seed ?? 1) ^ 0x5eed)
  if (pose.halfShadow) addHalfShadow(grey, size, Math.min(1, pose.halfShadow), random)
  if (pose.glare) addGlare(grey, size, Math.min(1, pose.glare), random)
  if (pose.blur) defocus(grey, size, Math.min(pose.blur, 20))
  if (pose.shake) motionBlur(grey, size, Math.min(pose.shake, 60), random() * Math.PI)
  if (pose.flicker)
    addFlicker(grey, size, Math.min(1, pose.flicker), pose.flickerRows ?? height / 8, pose.flickerPhase ?? 0)
  return grey
}
