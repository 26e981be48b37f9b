import type { IsoTpClock } from '../../../reference/can/iso-tp-clock.js'

interface Wait {
  readonly dueUs: number
  readonly call: () => void
}

/** Nothing was left that could settle what was waited for, or something goes on for ever. */
export class VirtualTimeEnded extends Error {
  override readonly name = 'VirtualTimeEnded'
}

/** No run takes longer: what is not at rest by then never will be. */
const LONGEST_RUN_US = 3_600_000_000

/** Lets everything that is due at this moment happen: all promises, and their followers. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A clock that stands still until it is moved: then it goes from one wait to the next, without waiting. */
export class VirtualClock implements IsoTpClock {
  readonly #waits: Wait[] = []
  #nowUs = 0

  nowUs(): number {
    return this.#nowUs
  }

  after(delayUs: number, call: () => void): () => void {
    const wait = { dueUs: this.#nowUs + Math.max(0, delayUs), call }
    const later = this.#waits.findIndex(({ dueUs }) => dueUs > wait.dueUs)
    this.#waits.splice(later < 0 ? this.#waits.length : later, 0, wait)
    return () => {
      const at = this.#waits.indexOf(wait)
      if (at >= 0) this.#waits.splice(at, 1)
    }
  }

  /** How many waits are set. */
  get waiting(): number {
    return this.#waits.length
  }

  /**
   * Moves until the promise is settled.
   * @returns what it settles to
   * @throws VirtualTimeEnded when no wait is left before that
   */
  async run<Outcome>(outcome: Promise<Outcome>): Promise<Outcome> {
    let settled = false
    const end = () => (settled = true)
    outcome.then(end, end)
    const step = this.#steps()
    for (;;) {
      await settle()
      if (settled) return outcome
      if (!step(Infinity)) {
        throw new VirtualTimeEnded(`at ${this.#nowUs} µs nothing is left to happen, and nobody has finished`)
      }
    }
  }

  /** Moves on by a time, or until no wait is left where none is told. */
  async advance(byUs = Infinity): Promise<void> {
    const untilUs = this.#nowUs + byUs
    const step = this.#steps()
    await settle()
    while (step(untilUs)) await settle()
    if (untilUs < Infinity) this.#nowUs = untilUs
  }

  #steps(): (untilUs: number) => boolean {
    const limitUs = this.#nowUs + LONGEST_RUN_US
    return (untilUs) => {
      if (this.#nowUs <= limitUs) return this.#step(untilUs)
      throw new VirtualTimeEnded(`an hour later, at ${this.#nowUs} µs, there are still waits to end`)
    }
  }

  #step(untilUs: number): boolean {
    const [next] = this.#waits
    if (!next || next.dueUs > untilUs) return false
    this.#waits.shift()
    this.#nowUs = next.dueUs
    next.call()
    return true
  }
}
