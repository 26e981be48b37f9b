import type { FrameSize } from './pose.js'
import { defocus } from './optics.js'

/** What the renderer can do to a camera; what happens to its stream (frozen, stalled, …) is done to the stream. */
export const LENS_FAULTS = ['black', 'covered', 'over-exposed', 'low-light', 'defocused', 'fogged'] as const

export type LensFault = (typeof LENS_FAULTS)[number]

/** A scene as a camera with this fault lets it through, before the sensor's noise. */
export function throughFaultyLens(scene: Uint8Array, size: FrameSize, fault: LensFault): Uint8Array {
  const seen = scene.slice()
  const each = (change: (level: number, x: number) => number) => {
    for (let i = 0; i < seen.length; i++) {
      const level = change(seen[i] ?? 0, i % size.width)
      seen[i] = level < 0 ? 0 : level > 255 ? 255 : level
    }
  }
  switch (fault) {
    case 'black':
      each(() => 3)
      break
    case 'covered':
      // A hand: a little red light comes through the fingers, more at one side.
      each((_, x) => 7 + (12 * x) / size.width)
      break
    case 'over-exposed':
      each((level) => 190 + level * 3)
      break
    case 'low-light':
      each((level) => 3 + level * 0.12)
      break
    case 'defocused':
      defocus(seen, size, size.width / 80)
      break
    case 'fogged':
      defocus(seen, size, size.width / 160)
      each((level) => 120 + level * 0.16)
      break
  }
  return seen
}
