import type { CanFrame } from '../../../reference/ports/can-bus.js'

/** A log of one frame has no period of its own, microseconds. */
const LONE_FRAME_US = 1_000_000

/**
 * The pause between the end of a log and its start where it is played in a loop: such that the first frame keeps its
 * own period across the seam; where that frame comes once only, the mean pause of the log.
 */
export class LoopPeriod {
  #first: string | undefined
  #firstCount = 0
  #frames = 0
  /** When the first frame's id was last due, since the start of the log, and the last frame of all. */
  #firstUs = 0
  #lastUs = 0

  /** @param atUs since the start of the log */
  count({ id, extended }: CanFrame, atUs: number): void {
    const key = `${id} ${extended}`
    this.#first ??= key
    this.#frames++
    this.#lastUs = atUs
    if (key !== this.#first) return
    this.#firstCount++
    this.#firstUs = atUs
  }

  /** @returns microseconds from the last frame to the first one of the next loop */
  seamUs(): number {
    if (this.#frames < 2) return LONE_FRAME_US
    const periodUs = this.#firstUs / Math.max(1, this.#firstCount - 1)
    const seamUs = this.#firstUs + periodUs - this.#lastUs
    return this.#firstCount > 1 && seamUs >= 0 ? seamUs : this.#lastUs / (this.#frames - 1)
  }
}
