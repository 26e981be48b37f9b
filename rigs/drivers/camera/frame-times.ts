/** How far apart two frames may be before one between them is missing, share of the frame period. */
const MISSING_FROM = 1.6

/** The time that a frame carries, out of the log of ffmpeg's showinfo filter, seconds. */
export function frameTimeOf(line: string): number | undefined {
  const [, time] = /showinfo.*\bn: *\d+ .*\bpts_time:(-?[\d.]+)/.exec(line) ?? []
  return time === undefined ? undefined : Number(time)
}

/**
 * The device's own times of frames (V4L2: the kernel's monotonic clock, which Node's is too): when a frame was
 * captured, and how many are missing between two.
 */
export class FrameTimes {
  #last: number | undefined
  #missing = 0
  /** The shortest period seen; a driver that gives fewer frames than asked sets it. */
  #periodSeconds: number | undefined

  constructor(fps: number | undefined) {
    this.#periodSeconds = fps === undefined ? undefined : 1 / fps
  }

  /** Frames that the device numbered and nobody got. */
  get missing(): number {
    return this.#missing
  }

  /** @param seconds the frame's own time */
  take(seconds: number): void {
    const gap = this.#last === undefined ? undefined : seconds - this.#last
    this.#last = seconds
    if (gap === undefined || gap <= 0) return
    this.#periodSeconds ??= gap
    if (gap < this.#periodSeconds * 0.75) this.#periodSeconds = gap
    const periods = gap / this.#periodSeconds
    if (periods >= MISSING_FROM) this.#missing += Math.round(periods) - 1
  }
}
