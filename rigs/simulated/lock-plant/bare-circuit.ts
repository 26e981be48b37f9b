import type { Circuit, PinDrive, PinEdge } from '../circuit.js'
import { CycleQueue } from '../cycle-queue.js'

/** A circuit without a chip: whoever holds it drives its pins. One cycle is a microsecond; time passes when it is told to. */
export class BareCircuit implements Circuit {
  readonly cyclesPerSecond = 1_000_000
  readonly #queue = new CycleQueue()
  readonly #listeners = new Map<number, Set<(edge: PinEdge) => void>>()
  readonly #inputs = new Map<number, boolean | undefined>()
  readonly #analog = new Map<number, () => number>()
  #cycle = 0

  get cycle(): number {
    return this.#cycle
  }

  onEdge(pin: number, listener: (edge: PinEdge) => void): () => void {
    const listeners = this.#listeners.get(pin) ?? new Set()
    this.#listeners.set(pin, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  setInput(pin: number, high: boolean | undefined): void {
    this.#inputs.set(pin, high)
  }

  setAnalogSource(channel: number, volts: () => number): void {
    this.#analog.set(channel, volts)
  }

  atCycle(cycle: number, task: () => void): () => void {
    return this.#queue.add(cycle, task)
  }

  /** What the chip that is not there does to a pin. */
  drive(pin: number, drive: PinDrive): void {
    for (const listener of this.#listeners.get(pin) ?? []) listener({ pin, drive, cycle: this.#cycle })
  }

  /** The level that an input would read: an open wire is held high by a pull-up. */
  isHigh(pin: number): boolean {
    return this.#inputs.get(pin) ?? true
  }

  /** Volts at an ADC channel now. */
  volts(channel: number): number {
    return this.#analog.get(channel)?.() ?? 0
  }

  /** Lets so many milliseconds pass. */
  pass(ms: number): void {
    const end = this.#cycle + ms * 1000
    while (this.#cycle < end) {
      this.#cycle = Math.min(end, Math.max(this.#cycle, this.#queue.nextCycle))
      this.#queue.runDue(this.#cycle)
    }
  }
}
