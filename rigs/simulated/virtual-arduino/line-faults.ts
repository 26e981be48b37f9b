import { seededRandom } from '../seeded-random.js'

export interface LineFaultOptions {
  /** Share of the bytes that are lost, 0 to 1. */
  readonly loss: number
  /** Share of the bytes before which a random one is slipped in, 0 to 1. */
  readonly garbage: number
  /** The same seed spoils the same bytes. */
  readonly seed: number
}

/**
 * One direction of a serial line that loses bytes and picks up others, seeded.
 * @returns what arrives of the bytes that were sent
 * @throws RangeError for a share that is none
 */
export function spoilLine({ loss, garbage, seed }: LineFaultOptions): (bytes: Uint8Array) => Uint8Array {
  for (const [name, share] of Object.entries({ loss, garbage })) {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`${name} is a share from 0 to 1, not ${share}`)
  }
  const random = seededRandom(seed)
  return (bytes) =>
    Uint8Array.from(
      [...bytes].flatMap((byte) => {
        const kept = random() < loss ? [] : [byte]
        return random() < garbage ? [Math.floor(random() * 256), ...kept] : kept
      }),
    )
}
