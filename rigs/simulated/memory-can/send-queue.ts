import type { CanFrame } from '../../../reference/ports/can-bus.js'

/** A frame that waits to be sent, with what the bus needs to know of it again and again. */
export interface QueuedFrame {
  readonly frame: CanFrame
  readonly arbitration: number
  /** Without errors, intermission included. */
  readonly durationUs: number
  readonly queuedAtUs: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** How many places in front may be empty before they are given back. */
const SLACK = 64

/** First in, first out, at the same cost however many wait. */
export class SendQueue {
  #frames: QueuedFrame[] = []
  #first = 0

  get length(): number {
    return this.#frames.length - this.#first
  }

  get head(): QueuedFrame | undefined {
    return this.#frames[this.#first]
  }

  push(queued: QueuedFrame): void {
    this.#frames.push(queued)
  }

  shift(): void {
    ;(this.#frames as (QueuedFrame | undefined)[])[this.#first] = undefined
    this.#first++
    if (
      this.#first === this.#frames.length ||
      (this.#first >= SLACK && this.#first * 2 > this.#frames.length)
    ) {
      this.#frames = this.#frames.slice(this.#first)
      this.#first = 0
    }
  }

  /** Empties the queue. */
  takeAll(): QueuedFrame[] {
    const all = this.#frames.slice(this.#first)
    this.#frames = []
    this.#first = 0
    return all
  }
}
