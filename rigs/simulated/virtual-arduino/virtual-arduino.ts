import type { Circuit, PinEdge } from '../circuit.js'
import { CycleQueue } from '../cycle-queue.js'
import { Chip, UNO_HZ, type ResetCause } from './chip.js'
import { PIN_COUNT } from './pins.js'

export { UNO_HZ } from './chip.js'

interface RunningChip {
  readonly chip: Chip
  /** Cycle of the circuit at which this chip's own count began. */
  readonly since: number
}

/**
 * An Arduino Uno that runs a firmware image on a simulated ATmega328P. Time stands still until `runUntil` is called:
 * what is due is judged in cycles only. The serial side is that of the chip's pins; the USB bridge of a real Uno is
 * fed by the host, so bytes that come while the chip has no power are lost and the port itself stays.
 */
export class VirtualArduino implements Circuit {
  readonly cyclesPerSecond = UNO_HZ
  readonly #image: Uint8Array
  readonly #queue = new CycleQueue()
  readonly #inputs: (boolean | undefined)[] = Array.from({ length: PIN_COUNT }, () => undefined)
  readonly #analog = new Map<number, () => number>()
  readonly #edgeListeners = new Map<number, Set<(edge: PinEdge) => void>>()
  readonly #onByte: (byte: number) => void
  #running: RunningChip | undefined
  #idleCycle = 0
  #frozen = false
  #bitten = false

  /** @param onByte a byte that the firmware has sent. The board begins without power. */
  constructor(options: { readonly image: Uint8Array; readonly onByte: (byte: number) => void }) {
    this.#image = options.image
    this.#onByte = options.onByte
  }

  get cycle(): number {
    const running = this.#running
    // A frozen chip stands still while the circuit's time goes on.
    return running && !this.#frozen ? running.since + running.chip.cycles : this.#idleCycle
  }

  get powered(): boolean {
    return this.#running !== undefined
  }

  /** Power comes: the chip starts at its reset vector with cleared memory. */
  powerOn(): void {
    if (!this.#running) this.#start('powerOn')
  }

  /** Power goes: every pin is let go of, memory is lost. */
  powerOff(): void {
    this.#stop()
  }

  /** The reset line, and a supply that dips: registers as after power-on, SRAM keeps what it held. */
  reset(cause: ResetCause = 'resetLine'): void {
    const memory = this.#stop()
    if (memory) this.#start(cause, memory)
  }

  /** The chip stands still with its pins as they are, as after a latch-up; only a reset or no power ends it. */
  freeze(): void {
    if (!this.#running || this.#frozen) return
    this.#idleCycle = this.cycle
    this.#frozen = true
  }

  /** Bytes from the host. Without power nobody hears them. */
  receive(bytes: Uint8Array): void {
    if (!this.#frozen) this.#running?.chip.usart.receive(bytes)
  }

  onEdge(pin: number, listener: (edge: PinEdge) => void): () => void {
    const listeners = this.#edgeListeners.get(pin) ?? new Set()
    this.#edgeListeners.set(pin, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  setInput(pin: number, high: boolean | undefined): void {
    this.#inputs[pin] = high
    this.#running?.chip.pins.inputChanged(pin)
  }

  setAnalogSource(channel: number, volts: () => number): void {
    this.#analog.set(channel, volts)
  }

  atCycle(cycle: number, task: () => void): () => void {
    return this.#queue.add(cycle, task)
  }

  /** Lets the time of the circuit run to `cycle` (it overshoots by less than one instruction). */
  runUntil(cycle: number): void {
    while (this.cycle < cycle) {
      const stop = Math.min(cycle, this.#queue.nextCycle)
      if (this.#running && !this.#frozen) this.#run(this.#running, stop)
      else this.#idleCycle = Math.max(this.#idleCycle, stop)
      this.#queue.runDue(this.cycle)
    }
  }

  #run({ chip, since }: RunningChip, stop: number): void {
    chip.run(stop - since)
    if (!this.#bitten) return
    this.#bitten = false
    this.reset('watchdog')
  }

  #start(cause: ResetCause, memory?: Uint8Array): void {
    const since = this.#idleCycle
    const chip = new Chip({
      image: this.#image,
      cause,
      memory,
      inputs: this.#inputs,
      volts: (channel) => this.#analog.get(channel)?.() ?? 0,
      onByte: this.#onByte,
      onDrive: (pin, drive, cycle) => this.#tellEdge({ pin, drive, cycle: since + cycle }),
      onWatchdog: () => (this.#bitten = true),
    })
    this.#running = { chip, since }
  }

  /** @returns the SRAM of the chip that was stopped, if one ran */
  #stop(): Uint8Array | undefined {
    const running = this.#running
    if (!running) return undefined
    this.#idleCycle = this.cycle
    this.#running = undefined
    this.#frozen = false
    for (let pin = 0; pin < PIN_COUNT; pin++) {
      const isDriven = running.chip.pins.driveOf(pin) !== 'open'
      if (isDriven) this.#tellEdge({ pin, drive: 'open', cycle: this.#idleCycle })
    }
    return running.chip.memory
  }

  #tellEdge(edge: PinEdge): void {
    for (const listener of this.#edgeListeners.get(edge.pin) ?? []) listener(edge)
  }
}
