import { CAMERA_FAULTS, type CameraFault } from '../domain/camera-fault.js'
import type { Frame } from '../ports/camera.js'
import { DEFAULT_HEALTH_THRESHOLDS, faultOfFrame, type HealthThresholds } from './camera-fault.js'
import { frameMetrics, type FrameMetrics } from './frame-metrics.js'

export interface HealthOptions {
  readonly thresholds?: HealthThresholds
  /** What was asked for; another size is a fault. */
  readonly size?: { readonly width: number; readonly height: number }
  /** What the camera should give; where it is not known, its own usual rate is what it should keep to. */
  readonly fps?: number
  /**
   * `frozen` after so many byte-identical frames in a row. Default 5: a live sensor's noise makes every raw or JPEG
   * frame differ. Video that codes differences (H.264) repeats a still scene: more than one group of pictures then.
   */
  readonly frozenFrames?: number
}

/** A fault of the picture counts when so many frames in a row show it, and is over after as many without. */
const FRAMES_IN_A_ROW = 5
/** The frames whose times are looked at for `dropping`, and the share of them that may be missing. */
const RATE_WINDOW = 30
const MISSING_SHARE = 0.12

/** Watches a camera's frames and times, and names what is wrong. Times are those of the frames' `capturedAt`. */
export class CameraHealth {
  readonly #options: HealthOptions
  readonly #thresholds: HealthThresholds
  #seen: { readonly fault: CameraFault | undefined; readonly times: number } = { fault: undefined, times: 0 }
  #ofPicture: CameraFault | undefined
  #last: Frame | undefined
  #identical = 0
  #stalled = false
  #isLost = false
  #times: number[] = []
  #metrics: FrameMetrics | undefined

  constructor(options: HealthOptions = {}) {
    this.#options = options
    this.#thresholds = options.thresholds ?? DEFAULT_HEALTH_THRESHOLDS
  }

  /** Of the last frame. */
  get metrics(): FrameMetrics | undefined {
    return this.#metrics
  }

  /** What is wrong now, the gravest first; empty when all is well. */
  get faults(): readonly CameraFault[] {
    const { size, frozenFrames = 5 } = this.#options
    const last = this.#last
    const now = new Set<CameraFault>()
    if (this.#stalled || this.#isLost) now.add('stalled')
    else {
      if (this.#identical + 1 >= frozenFrames) now.add('frozen')
      if (this.#isDropping()) now.add('dropping')
      if (size && last && (last.width !== size.width || last.height !== size.height))
        now.add('wrong-resolution')
      if (this.#ofPicture) now.add(this.#ofPicture)
    }
    return CAMERA_FAULTS.filter((fault) => now.has(fault))
  }

  frame(frame: Frame): void {
    const before = this.#last
    this.#last = frame
    this.#stalled = false
    // A camera that is back begins its rate anew.
    if (this.#isLost) this.#times = []
    this.#isLost = false
    this.#identical = before && isSame(before, frame) ? this.#identical + 1 : 0
    this.#times = [...this.#times, frame.capturedAt].slice(-RATE_WINDOW)
    this.#metrics = frameMetrics(frame)
    const fault = faultOfFrame(this.#metrics, this.#thresholds)
    this.#seen = fault === this.#seen.fault ? { fault, times: this.#seen.times + 1 } : { fault, times: 1 }
    if (this.#seen.times >= FRAMES_IN_A_ROW) this.#ofPicture = fault
  }

  /** The driver says that no frames come. */
  lost(): void {
    this.#isLost = true
  }

  /** Time has passed. @param now on the scale of `capturedAt`, milliseconds */
  tick(now: number): void {
    const last = this.#last
    if (!last) return
    this.#stalled = now - last.capturedAt > 3 * this.#periodMs() + 500
  }

  #intervals(): number[] {
    return this.#times.slice(1).map((time, i) => time - (this.#times[i] ?? 0))
  }

  #periodMs(): number {
    if (this.#options.fps !== undefined) return 1_000 / this.#options.fps
    const sorted = this.#intervals().sort((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)] ?? 100
  }

  #isDropping(): boolean {
    if (this.#times.length < RATE_WINDOW) return false
    const expected = ((this.#times.at(-1) ?? 0) - (this.#times[0] ?? 0)) / this.#periodMs()
    return 1 - (RATE_WINDOW - 1) / expected > MISSING_SHARE
  }
}

function isSame(a: Frame, b: Frame): boolean {
  const bytes = ({ grey }: Frame) => Buffer.from(grey.buffer, grey.byteOffset, grey.byteLength)
  return a.width === b.width && a.height === b.height && bytes(a).equals(bytes(b))
}
