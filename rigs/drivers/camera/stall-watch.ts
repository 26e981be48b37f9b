/** Tells when frames stop: three frame periods and half a second without one (a camera may be restarted by its driver). */
export class StallWatch {
  #timer: NodeJS.Timeout | undefined
  readonly #limitMs: number

  /**
   * @param fps of the camera; ten where it is not known
   * @param firstFrameMs how long the first frame may take, wall milliseconds
   * @param timeScale wall seconds that a second takes on this machine: an emulated one is slow
   */
  constructor(
    fps: number | undefined,
    firstFrameMs: number,
    private readonly onStall: (silentMs: number) => void,
    timeScale = 1,
  ) {
    this.#limitMs = (Math.ceil(3_000 / (fps ?? 10)) + 500) * timeScale
    this.#arm(firstFrameMs * timeScale)
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.onStall(ms), ms)
  }

  frame(): void {
    this.#arm(this.#limitMs)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
