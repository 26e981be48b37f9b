import type { CanFrame } from '../ports/can-bus.js'

interface Awaited {
  readonly data: Uint8Array
  readonly heard: () => void
}

const equal = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/**
 * Frames that were handed over and have not been heard on the bus. A driver may take a frame long before its turn on
 * the wire comes: only the node's own echo tells when it is over.
 */
export class IsoTpEcho {
  readonly #awaited: Awaited[] = []

  /** Resolves when the frame is heard; to be called before it is sent. */
  next({ data }: Pick<CanFrame, 'data'>): Promise<void> {
    return new Promise((heard) => this.#awaited.push({ data, heard }))
  }

  /** Frames of one node keep their order, so one that is heard also tells that those before it never will be. */
  accept({ data }: Pick<CanFrame, 'data'>): void {
    const at = this.#awaited.findIndex((awaited) => equal(awaited.data, data))
    if (at < 0) return
    for (const { heard } of this.#awaited.splice(0, at + 1).slice(-1)) heard()
  }

  /** The frames that are awaited were given up. */
  forget(): void {
    this.#awaited.length = 0
  }
}
