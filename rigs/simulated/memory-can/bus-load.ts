/** How much of its time a bus carries bits. */
export interface BusLoad {
  /** Of the last second of bus time, or of all of it where that is less; percent. */
  readonly windowPercent: number
  /** Since the bus began; percent. */
  readonly totalPercent: number
  /** The highest that a whole second showed; the window's while none has passed. */
  readonly peakPercent: number
}

const WINDOW_US = 1_000_000
/** The window moves in steps of 10 ms. */
const SLOTS = 100
const SLOT_US = WINDOW_US / SLOTS

/** Adds up when the bus was busy, over a sliding second and altogether. */
export class LoadMeter {
  /** Busy time of the last slots, microseconds; slot n is at n % SLOTS. */
  readonly #slots = new Float64Array(SLOTS)
  #slot = 0
  #windowUs = 0
  #totalUs = 0
  #peakUs = 0

  /** Stretches come one after the other and do not overlap. */
  add(fromUs: number, toUs: number): void {
    this.#totalUs += toUs - fromUs
    for (let at = fromUs; at < toUs;) {
      this.#moveTo(Math.floor(at / SLOT_US))
      const endUs = Math.min(toUs, (this.#slot + 1) * SLOT_US)
      const index = this.#slot % SLOTS
      this.#slots[index] = (this.#slots[index] as number) + endUs - at
      this.#windowUs += endUs - at
      at = endUs
    }
  }

  #moveTo(slot: number): void {
    for (let steps = 0; this.#slot < slot; steps++) {
      if (steps === SLOTS) {
        // All slots are empty by now.
        this.#slot = slot
        return
      }
      if (this.#slot >= SLOTS - 1) this.#peakUs = Math.max(this.#peakUs, this.#windowUs)
      this.#slot++
      const index = this.#slot % SLOTS
      this.#windowUs -= this.#slots[index] as number
      this.#slots[index] = 0
    }
  }

  load(nowUs: number): BusLoad {
    this.#moveTo(Math.floor(nowUs / SLOT_US))
    // The slot that has begun stands for the time it has been; those before it are whole.
    const spanUs = Math.min(nowUs, (SLOTS - 1) * SLOT_US + (nowUs - this.#slot * SLOT_US))
    const percent = (busyUs: number, us: number) => (us > 0 ? Math.min(100, (busyUs * 100) / us) : 0)
    const windowPercent = percent(this.#windowUs, spanUs)
    return {
      windowPercent,
      totalPercent: percent(this.#totalUs, nowUs),
      peakPercent: this.#peakUs > 0 ? percent(this.#peakUs, WINDOW_US) : windowPercent,
    }
  }
}
