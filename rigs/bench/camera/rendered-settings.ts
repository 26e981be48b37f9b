import type { Symbology } from '../../../reference/domain/unlock-code.js'
import { InvalidCameraUrl, RENDERED_SETTINGS } from '../../drivers/camera/camera-url.js'
import { LENS_FAULTS, type LensFault } from '../../simulated/rendered-camera/camera-faults.js'
import type { Device, Pose, RenderedCameraOptions } from '../../simulated/rendered-camera/rendered-camera.js'

/** Numbers of a pose, by the names that a URL gives them, with what they may be. */
const NUMBERS = {
  distance: ['timesFarther', 0.2, 20],
  tilt: ['tiltDegrees', -70, 70],
  pitch: ['pitchDegrees', -70, 70],
  rotation: ['rotationDegrees', -360, 360],
  offset: ['offset', -0.5, 0.5],
  blur: ['blur', 0, 20],
  shake: ['shake', 0, 60],
  brightness: ['brightness', 0, 1],
  glare: ['glare', 0, 1],
  moire: ['moire', 0, 1],
  cracks: ['cracks', 0, 1],
  finger: ['finger', 0, 1],
  off: ['screenOffAfterFrames', 0, 100_000],
} as const

const SWITCHES = ['inverted', 'mirrored'] as const

/** Every setting of `rendered:`. */
export const SETTINGS: readonly string[] = [
  ...RENDERED_SETTINGS,
  ...Object.keys(NUMBERS),
  ...SWITCHES,
  'fault',
]

export interface RenderedSettings {
  readonly camera: RenderedCameraOptions
  /** Nothing is held before the camera where there is no text. */
  readonly text: string | undefined
  readonly symbology: Symbology
  readonly device: Device
  readonly pose: Pose & { readonly screenOffAfterFrames?: number }
}

/** @throws InvalidCameraUrl */
export function readRenderedSettings(given: ReadonlyMap<string, string>): RenderedSettings {
  const refuse = (what: string) => new InvalidCameraUrl('rendered:', what)
  function number(name: string, least: number, most: number): number | undefined {
    const text = given.get(name)
    if (text === undefined) return undefined
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!(value >= least && value <= most))
      throw refuse(`${name} is ${text}, where ${least} to ${most} is possible`)
    return value
  }
  function oneOf<T extends string>(name: string, words: readonly T[], usual: T): T {
    const text = given.get(name) ?? usual
    const word = words.find((one) => one === text)
    if (word === undefined) throw refuse(`${name} is ${text}, where ${words.join(', ')} are possible`)
    return word
  }
  const pose: Record<string, unknown> = {}
  for (const [name, [key, least, most]] of Object.entries(NUMBERS)) {
    const value = number(name, least, most)
    if (value !== undefined) pose[key] = value
  }
  for (const name of SWITCHES)
    if (given.has(name)) pose[name] = oneOf(name, ['true', 'false'], 'true') === 'true'
  const [, width, height] = /^(\d{2,4})x(\d{2,4})$/.exec(given.get('size') ?? '640x480')?.map(Number) ?? []
  if (!width || !height || width > 4_096 || height > 4_096) throw refuse(`size is ${given.get('size')}`)
  const seed = number('seed', 0, 2 ** 31) ?? 1
  pose['seed'] = seed
  const noise = number('noise', 0, 100)
  const fault = given.has('fault') ? oneOf<LensFault>('fault', LENS_FAULTS, 'black') : undefined
  return {
    camera: {
      width,
      height,
      fps: number('fps', 1, 60) ?? 8,
      seed,
      ...(noise !== undefined && { noise }),
      ...(fault && { lensFault: fault }),
    },
    text: given.get('text'),
    symbology: oneOf<Symbology>('symbology', ['qr', 'code128'], 'qr'),
    device: oneOf<Device>('device', ['phone', 'tablet'], 'phone'),
    pose: pose,
  }
}
