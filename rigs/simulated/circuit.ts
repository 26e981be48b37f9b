/**
 * What lies between a board and whatever is soldered to it: levels on pins, volts at the ADC, and one clock, the
 * board's oscillator. A board and a plant know this and not each other.
 */

/** What a pin of the board does to its wire: drives it, pulls it up weakly, or lets go of it. */
export type PinDrive = 'high' | 'low' | 'pull-up' | 'open'

export interface PinEdge {
  /** Arduino number of the pin: 0–13 digital, 14–19 are A0–A5. */
  readonly pin: number
  readonly drive: PinDrive
  /** When, in cycles of the clock. */
  readonly cycle: number
}

export interface Circuit {
  /** Frequency of the clock, hertz. */
  readonly cyclesPerSecond: number
  /** Cycles since the circuit began to exist; they go on while the board has no power. */
  readonly cycle: number
  /** Every change of what the board does to `pin`. @returns unsubscribe */
  onEdge(pin: number, listener: (edge: PinEdge) => void): () => void
  /** Drives a wire from outside; `undefined` leaves it open, to the board's pull-up. */
  setInput(pin: number, high: boolean | undefined): void
  /** Volts at an ADC channel, asked for when the board converts. */
  setAnalogSource(channel: number, volts: () => number): void
  /** Runs `task` once the clock has reached `cycle` (never synchronously). @returns a function that calls it off */
  atCycle(cycle: number, task: () => void): () => void
}

/** Hardware time of the circuit, milliseconds. */
export function hardwareMsOf(circuit: Pick<Circuit, 'cycle' | 'cyclesPerSecond'>): number {
  return (circuit.cycle * 1000) / circuit.cyclesPerSecond
}

/** Runs `task` after so many milliseconds of hardware time. @returns a function that calls it off */
export function afterHardwareMs(circuit: Circuit, ms: number, task: () => void): () => void {
  return circuit.atCycle(circuit.cycle + Math.ceil((ms * circuit.cyclesPerSecond) / 1000), task)
}
