import { loadImage } from '@napi-rs/canvas'
import { drawDevice, shownSizeMm, type Device } from './device-screen.js'

/** How the device is held before the camera; the middle of the picture is always in the middle of the frame. */
export interface Pose {
  /** From the lens to the screen, millimetres. Default: so near that the picture fills most of the frame. */
  readonly distanceMm?: number
  /** Turned about the vertical axis, degrees, −70…70. */
  readonly tiltDegrees?: number
  /** Turned in the screen's plane, degrees. */
  readonly rotationDegrees?: number
  /** Radius of the blur, pixels of the frame. */
  readonly blur?: number
  /** Of the screen, 0…1. */
  readonly brightness?: number
}

export interface FrameSize {
  readonly width: number
  readonly height: number
}

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

/** Mean over a square of 2 × radius + 1 pixels, three times: near to a Gaussian. */
function blurInPlace(grey: Uint8Array, { width, height }: FrameSize, radius: number): void {
  const window = 2 * radius + 1
  function run(start: number, step: number, count: number): void {
    const line = Uint8Array.from({ length: count }, (_, i) => grey[start + i * step] ?? 0)
    const at = (i: number) => line[Math.min(count - 1, Math.max(0, i))] ?? 0
    let sum = 0
    for (let i = -radius; i <= radius; i++) sum += at(i)
    for (let i = 0; i < count; i++) {
      grey[start + i * step] = sum / window
      sum += at(i + radius + 1) - at(i - radius)
    }
  }
  for (let pass = 0; pass < 3; pass++) {
    for (let y = 0; y < height; y++) run(y * width, 1, width)
    for (let x = 0; x < width; x++) run(x, width, height)
  }
}

/**
 * The scene as a pinhole camera sees it: each pixel's ray is followed back to the device's plane. Drawn once for a
 * pose; what changes from frame to frame (noise, the hand) is added later.
 */
export async function sceneWithDevice(
  size: FrameSize,
  picturePng: Buffer,
  device: Device,
  pose: Pose = {},
): Promise<Uint8Array> {
  const { width, height } = size
  const focal = width / 2 / Math.tan(radians(FIELD_OF_VIEW_DEGREES / 2))
  const picture = await loadImage(picturePng)
  const shown = shownSizeMm(device, picture)
  const distanceMm =
    pose.distanceMm ??
    focal *
      Math.max(shown.width / (DEFAULT_FILL.width * width), shown.height / (DEFAULT_FILL.height * height))
  const tilt = radians(Math.max(-70, Math.min(70, pose.tiltDegrees ?? 0)))
  const rotation = radians(pose.rotationDegrees ?? 0)
  const brightness = Math.max(0, Math.min(1, pose.brightness ?? 0.9))
  // Finer than the frame, so that a bar's edge lies where it should, but not so fine that sampling skips pixels.
  const front = drawDevice(device, picture, Math.min(20, Math.max(2, (1.8 * focal) / distanceMm)))

  const grey = emptyScene(size)
  const [cosT, sinT] = [Math.cos(tilt), Math.sin(tilt)]
  const [cosR, sinR] = [Math.cos(rotation), Math.sin(rotation)]
  for (let row = 0; row < height; row++) {
    const b = (row + 0.5 - height / 2) / focal
    for (let column = 0; column < width; column++) {
      const a = (column + 0.5 - width / 2) / focal
      const across = (a * distanceMm) / (cosT - a * sinT)
      const along = b * (distanceMm + across * sinT)
      const x = (across * cosR + along * sinR + front.pictureCentreMm.x) * front.pixelsPerMm - 0.5
      const y = (along * cosR - across * sinR + front.pictureCentreMm.y) * front.pixelsPerMm - 0.5
      const left = Math.floor(x)
      const top = Math.floor(y)
      if (left < 0 || top < 0 || left >= front.width - 1 || top >= front.height - 1) continue
      const at = top * front.width + left
      const [u, v] = [x - left, y - top]
      const upper = (front.grey[at] ?? 0) * (1 - u) + (front.grey[at + 1] ?? 0) * u
      const lower =
        (front.grey[at + front.width] ?? 0) * (1 - u) + (front.grey[at + front.width + 1] ?? 0) * u
      // Even a dark screen mirrors a little of the room.
      grey[row * width + column] = 12 + brightness * 0.92 * (upper * (1 - v) + lower * v)
    }
  }
  const radius = Math.round(pose.blur ?? 0)
  if (radius > 0) blurInPlace(grey, size, Math.min(radius, 20))
  return grey
}
