import {
  adcConfig,
  ADCMuxInputType,
  AVRADC,
  avrInstruction,
  AVRTimer,
  CPU,
  timer0Config,
  timer1Config,
  timer2Config,
} from 'avr8js'
import type { Circuit, PinDrive, PinEdge } from '../circuit.js'
import { CycleQueue } from '../cycle-queue.js'
import { PIN_COUNT, Pins } from './pins.js'
import { Usart } from './usart.js'

/** The Uno's crystal, hertz. */
export const UNO_HZ = 16_000_000

/** Bytes of SRAM of the ATmega328P; it begins at 0x100, behind the registers. */
const SRAM_BYTES = 2048
const SRAM_START = 0x100

/** One ATmega328P between power-on and power-off, or between two resets. */
interface Chip {
  readonly cpu: CPU
  readonly usart: Usart
  readonly pins: Pins
  /** Cycle of the circuit at which this chip's own count began. */
  readonly since: number
}

/** What avr8js keeps to itself: with it, `tick()` is called only when something is due (8–28 % faster). */
interface DueEvents {
  readonly nextClockEvent: { readonly cycles: number } | null
  readonly nextInterrupt: number
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
  #chip: Chip | undefined
  #idleCycle = 0

  /** @param onByte a byte that the firmware has sent. The board begins without power. */
  constructor(options: { readonly image: Uint8Array; readonly onByte: (byte: number) => void }) {
    this.#image = options.image
    this.#onByte = options.onByte
  }

  get cycle(): number {
    return this.#chip ? this.#chip.since + this.#chip.cpu.cycles : this.#idleCycle
  }

  get powered(): boolean {
    return this.#chip !== undefined
  }

  /** Power comes: the chip starts at its reset vector with cleared memory. */
  powerOn(): void {
    if (!this.#chip) this.#chip = this.#startChip(this.#idleCycle)
  }

  /** Power goes: every pin is let go of, memory is lost. */
  powerOff(): void {
    this.#stopChip()
  }

  /** The reset line: registers as after power-on, SRAM keeps what it held. */
  reset(): void {
    const memory = this.#stopChip()
    if (memory) this.#chip = this.#startChip(this.#idleCycle, memory)
  }

  /** Bytes from the host. Without power nobody hears them. */
  receive(bytes: Uint8Array): void {
    this.#chip?.usart.receive(bytes)
  }

  onEdge(pin: number, listener: (edge: PinEdge) => void): () => void {
    const listeners = this.#edgeListeners.get(pin) ?? new Set()
    this.#edgeListeners.set(pin, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  setInput(pin: number, high: boolean | undefined): void {
    this.#inputs[pin] = high
    this.#chip?.pins.inputChanged(pin)
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
      if (this.#chip) this.#execute(this.#chip, stop)
      else this.#idleCycle = Math.max(this.#idleCycle, stop)
      this.#queue.runDue(this.cycle)
    }
  }

  #execute({ cpu, since }: Chip, until: number): void {
    const due = cpu as unknown as DueEvents
    const end = until - since
    while (cpu.cycles < end) {
      avrInstruction(cpu)
      const event = due.nextClockEvent
      if ((event && event.cycles <= cpu.cycles) || due.nextInterrupt >= 0) cpu.tick()
    }
  }

  #startChip(since: number, memory?: Uint8Array): Chip {
    const cpu = new CPU(new Uint16Array(this.#image.slice().buffer), SRAM_BYTES)
    if (memory) cpu.data.set(memory, SRAM_START)
    const edge = (pin: number, drive: PinDrive) => this.#tellEdge(pin, drive, since + cpu.cycles)
    const pins = new Pins(cpu, this.#inputs, edge)
    for (const timer of [timer0Config, timer1Config, timer2Config]) new AVRTimer(cpu, timer)
    this.#attachAdc(new AVRADC(cpu, adcConfig))
    return { cpu, pins, since, usart: new Usart(cpu, UNO_HZ, this.#onByte) }
  }

  /** @returns the SRAM of the chip that was stopped, if one ran */
  #stopChip(): Uint8Array | undefined {
    const chip = this.#chip
    if (!chip) return undefined
    this.#idleCycle = this.cycle
    this.#chip = undefined
    for (let pin = 0; pin < PIN_COUNT; pin++) {
      if (chip.pins.driveOf(pin) !== 'open') this.#tellEdge(pin, 'open', this.#idleCycle)
    }
    return chip.cpu.data.slice(SRAM_START)
  }

  #attachAdc(adc: AVRADC): void {
    const convert = adc.onADCRead
    adc.onADCRead = (input) => {
      if (input.type === ADCMuxInputType.SingleEnded) {
        adc.channelValues[input.channel] = this.#analog.get(input.channel)?.() ?? 0
      }
      convert(input)
    }
  }

  #tellEdge(pin: number, drive: PinDrive, cycle: number): void {
    for (const listener of this.#edgeListeners.get(pin) ?? []) listener({ pin, drive, cycle })
  }
}
