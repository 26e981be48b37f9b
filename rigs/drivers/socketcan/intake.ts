import { canFilter } from '../../../reference/can/can-filter.js'
import type { CanFilter } from '../../../reference/ports/can-bus.js'
import type { FrameRing } from './frame-ring.js'
import { isError, OWN, receivedFrameOf, type KernelFrame } from './kernel-frame.js'

/**
 * What every back end hands its frames to, in the worker: only what the node's listeners want takes room in the ring
 * and can be lost there.
 */
export class Intake {
  readonly #wanted: (frame: KernelFrame) => boolean
  #latestUs = 0

  constructor(
    private readonly ring: FrameRing,
    filters: readonly CanFilter[] | undefined,
    readonly receiveOwn: boolean,
    private readonly wake: () => void,
  ) {
    const passes = canFilter(filters)
    this.#wanted = filters ? (frame) => passes(receivedFrameOf(frame)) : () => true
  }

  wants(frame: KernelFrame): boolean {
    return isError(frame) || this.#wanted(frame)
  }

  frame(frame: KernelFrame, own: boolean): void {
    if ((own && !this.receiveOwn) || !this.wants(frame)) return
    // The kernel stamps with the wall clock, and somebody may set that back.
    this.#latestUs = Math.max(this.#latestUs, frame.timestampUs)
    this.ring.push({
      ...frame,
      timestampUs: this.#latestUs,
      ...(own ? { flags: frame.flags | OWN } : {}),
    })
    this.#tell()
  }

  lost(frames: number, exact: boolean): void {
    if (frames <= 0) return
    this.ring.countLost(frames, exact)
    this.#tell()
  }

  sent(frames: number): void {
    this.ring.countSent(frames)
    this.#tell()
  }

  #tell(): void {
    if (this.ring.wakes()) this.wake()
  }
}
