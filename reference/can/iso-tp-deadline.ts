import type { IsoTpClock } from './iso-tp-clock.js'
import type { IsoTpTimer } from './iso-tp-errors.js'

/**
 * The one timer that runs for a message at a time. Each frame moves it on, so it is moved without touching the
 * clock's timers: the one that was set wakes up, sees that it is early, and goes on waiting.
 */
export class IsoTpDeadline {
  readonly #clock: IsoTpClock
  readonly #expire: (timer: IsoTpTimer, timeoutMs: number) => void
  #running: { readonly timer: IsoTpTimer; readonly timeoutMs: number; readonly dueUs: number } | undefined
  #wake: { readonly atUs: number; readonly cancel: () => void } | undefined

  constructor(clock: IsoTpClock, expire: (timer: IsoTpTimer, timeoutMs: number) => void) {
    this.#clock = clock
    this.#expire = expire
  }

  /** Takes the place of the one that runs. */
  start(timer: IsoTpTimer, timeoutMs: number): void {
    const dueUs = this.#clock.nowUs() + timeoutMs * 1_000
    this.#running = { timer, timeoutMs, dueUs }
    if (this.#wake && this.#wake.atUs <= dueUs) return
    this.#wake?.cancel()
    this.#wakeAt(dueUs)
  }

  stop(): void {
    this.#running = undefined
    this.#wake?.cancel()
    this.#wake = undefined
  }

  #wakeAt(atUs: number): void {
    const cancel = this.#clock.after(atUs - this.#clock.nowUs(), () => {
      this.#wake = undefined
      const running = this.#running
      if (!running) return
      if (running.dueUs > this.#clock.nowUs()) return this.#wakeAt(running.dueUs)
      this.#running = undefined
      this.#expire(running.timer, running.timeoutMs)
    })
    this.#wake = { atUs, cancel }
  }
}
