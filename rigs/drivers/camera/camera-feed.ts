import type { Frame } from '../../../reference/ports/camera.js'

/** Whoever listens to a camera. */
export class CameraFeed {
  readonly #frames = new Set<(frame: Frame) => void>()
  readonly #losses = new Set<(reason: string) => void>()
  #lost: string | undefined
  /** The newest frame that nobody saw: a camera is open once it came, and whoever opened it listens after that. */
  #unseen: Frame | undefined
  #closed = false

  /** A frame: a camera that was lost is back. */
  frame(frame: Frame): void {
    if (this.#closed) return
    this.#lost = undefined
    if (this.#frames.size === 0) this.#unseen = frame
    for (const listener of this.#frames) listener(frame)
  }

  /** The same reason again is no news. */
  lose(reason: string): void {
    if (this.#closed || this.#lost === reason) return
    this.#lost = reason
    for (const listener of this.#losses) listener(reason)
  }

  close(): void {
    this.#closed = true
    this.#frames.clear()
    this.#losses.clear()
  }

  readonly onFrame = (listener: (frame: Frame) => void): (() => void) => {
    this.#frames.add(listener)
    const unseen = this.#unseen
    this.#unseen = undefined
    if (unseen) queueMicrotask(() => this.#frames.has(listener) && listener(unseen))
    return () => this.#frames.delete(listener)
  }

  readonly onLost = (listener: (reason: string) => void): (() => void) => {
    this.#losses.add(listener)
    // A loss before anybody listened is told all the same.
    const before = this.#lost
    if (before !== undefined) queueMicrotask(() => this.#losses.has(listener) && listener(before))
    return () => this.#losses.delete(listener)
  }
}

/** Now, on the scale of `Frame.capturedAt`. */
export const captureNow = () => performance.timeOrigin + performance.now()
