import type { Pose } from '../../simulated/rendered-camera/pose.js'

/** What makes a code hard to read, and how hard: the levels run from a light form to one that few can read. */
export interface Degradation {
  readonly name: string
  /** @param level 0 (light) … 1 (grave) */
  readonly pose: (level: number, random: () => number) => Pose
  /** Noise of the sensor, grey levels (standard deviation). */
  readonly noise?: (level: number) => number
}

const either = (random: () => number, degrees: number) => (random() < 0.5 ? -degrees : degrees)

/** Thirteen of them; what a pose does not say is drawn by chance, within what a careful user does. */
export const DEGRADATIONS: readonly Degradation[] = [
  { name: 'distance', pose: (level) => ({ timesFarther: 1.6 + 4.2 * level }) },
  { name: 'tilt', pose: (level, random) => ({ tiltDegrees: either(random, 15 + 50 * level) }) },
  { name: 'pitch', pose: (level, random) => ({ pitchDegrees: either(random, 15 + 50 * level) }) },
  { name: 'rotation', pose: (level, random) => ({ rotationDegrees: either(random, 15 + 75 * level) }) },
  { name: 'defocus', pose: (level) => ({ blur: 1 + 5 * level }) },
  { name: 'shake', pose: (level) => ({ shake: 3 + 15 * level }) },
  { name: 'dark', pose: (level) => ({ brightness: 0.3 - 0.26 * level }), noise: (level) => 5 + 5 * level },
  { name: 'noise', pose: () => ({}), noise: (level) => 12 + 58 * level },
  { name: 'glare', pose: (level) => ({ glare: 0.15 + 0.85 * level }) },
  { name: 'moiré', pose: (level) => ({ moire: 0.2 + 0.8 * level }) },
  { name: 'cracks', pose: (level) => ({ cracks: 0.15 + 0.85 * level }) },
  { name: 'finger', pose: (level) => ({ finger: 0.06 + 0.3 * level }) },
  {
    name: 'inverted or mirrored',
    pose: (level, random) => ({
      inverted: random() < 0.7,
      mirrored: random() < 0.5,
      tiltDegrees: either(random, 30 * level),
    }),
  },
]

export const LEVELS = 6
