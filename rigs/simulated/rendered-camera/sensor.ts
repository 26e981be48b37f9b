import { seededRandom } from '../seeded-random.js'
import type { FrameSize } from './pose.js'

/** Noise of a small sensor in dim light, grey levels (standard deviation). */
const NOISE = 4
/** How far the hand wanders, pixels either way. */
const SHAKE = 2
const TABLE_SIZE = 1 << 16

/**
 * What the sensor makes of a scene: noise from a table that is entered anywhere, and the hand's small movement.
 * Both cost one pass over the pixels.
 * @param noiseLevels standard deviation, grey levels
 */
export function createSensor({ width, height }: FrameSize, seed: number, noiseLevels = NOISE) {
  const random = seededRandom(seed)
  const noise = Int8Array.from({ length: TABLE_SIZE }, () => {
    // The sum of four uniform numbers is near enough to a Gaussian; its variance is 4/12.
    const sum = random() + random() + random() + random() - 2
    return Math.max(-127, Math.min(127, Math.round(sum * Math.sqrt(3) * noiseLevels)))
  })
  const within = (value: number, end: number) => Math.max(0, Math.min(end - 1, value))
  return (scene: Uint8Array): Uint8Array => {
    const dx = Math.round((random() * 2 - 1) * SHAKE)
    const dy = Math.round((random() * 2 - 1) * SHAKE)
    let entry = Math.floor(random() * TABLE_SIZE)
    const frame = new Uint8ClampedArray(width * height)
    for (let y = 0; y < height; y++) {
      const row = within(y + dy, height) * width
      entry += Math.floor(random() * TABLE_SIZE)
      for (let x = 0; x < width; x++) {
        const light = scene[row + within(x + dx, width)] ?? 0
        frame[y * width + x] = light + (noise[entry++ & (TABLE_SIZE - 1)] ?? 0)
      }
    }
    return new Uint8Array(frame.buffer)
  }
}
