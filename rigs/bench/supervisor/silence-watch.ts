/** Notices that somebody who should speak all the time has fallen silent. */
export class SilenceWatch {
  readonly #timer: NodeJS.Timeout
  #heard = 0

  /**
   * @param patienceMs wall milliseconds, from now and from each word
   * @param onSilence called once for each silence
   */
  constructor(patienceMs: number, onSilence: () => void) {
    this.#timer = setTimeout(() => {
      const heard = this.#heard
      // Timers run before waiting messages are read: look once more before somebody is given up.
      setImmediate(() => {
        if (this.#heard === heard) onSilence()
      })
    }, patienceMs)
  }

  heard(): void {
    this.#heard++
    this.#timer.refresh()
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}
