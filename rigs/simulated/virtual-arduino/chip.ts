import {
  adcConfig,
  ADCMuxInputType,
  AVRADC,
  AVRClock,
  avrInterrupt,
  AVRWatchdog,
  clockConfig,
  CPU,
  timer0Config,
  timer1Config,
  timer2Config,
  watchdogConfig,
} from 'avr8js'
import type { PinDrive } from '../circuit.js'
import { decodeProgram } from './decode-program.js'
import { attachTimer } from './event-timer.js'
import { Pins } from './pins.js'
import { execute, type DecodedProgram } from './processor.js'
import { Usart } from './usart.js'

/** The Uno's crystal, hertz. */
export const UNO_HZ = 16_000_000

/** Bytes of SRAM of the ATmega328P; it begins at 0x100, behind the registers. */
const SRAM_BYTES = 2048
const SRAM_START = 0x100

/** Why a chip starts, as bits of MCUSR (ATmega328P datasheet 15.9.1). */
export const RESET_CAUSE = { powerOn: 0x01, resetLine: 0x02, brownOut: 0x04, watchdog: 0x08 } as const
export type ResetCause = keyof typeof RESET_CAUSE

const MCUSR = 0x54
const SMCR = 0x53
const SLEEP_ENABLE = 0x01
const SREG = 0x5f
const INTERRUPTS_ENABLED = 0x80
const SLEEP = 0x9588
const SEI = 0x9478
const RETI = 0x9518

export interface ChipOptions {
  readonly image: Uint8Array
  readonly cause: ResetCause
  /** What the SRAM held before, when it had no time to forget. */
  readonly memory?: Uint8Array | undefined
  /** Levels on the wires from outside, by pin. */
  readonly inputs: readonly (boolean | undefined)[]
  readonly volts: (channel: number) => number
  readonly onByte: (byte: number) => void
  /** @param cycle of this chip */
  readonly onDrive: (pin: number, drive: PinDrive, cycle: number) => void
  /** The watchdog has bitten: this chip has to be started anew. */
  readonly onWatchdog: () => void
}

/** What avr8js keeps to itself. */
interface CpuInside {
  nextClockEvent: ClockEvent | null
  readonly nextInterrupt: number
  readonly pendingInterrupts: readonly (PendingInterrupt | null)[]
  clearInterrupt(interrupt: PendingInterrupt): void
}
interface ClockEvent {
  readonly cycles: number
  readonly callback: () => void
  readonly next: ClockEvent | null
}
interface PendingInterrupt {
  readonly address: number
  readonly constant?: boolean
}

/** One ATmega328P between power-on and power-off, or between two resets. */
export class Chip {
  readonly usart: Usart
  readonly pins: Pins
  readonly #cpu: CPU
  readonly #inside: CpuInside
  readonly #program: DecodedProgram
  #asleep = false
  #bitten = false

  constructor(options: ChipOptions) {
    const cpu = new CPU(new Uint16Array(options.image.slice().buffer), SRAM_BYTES)
    this.#cpu = cpu
    this.#inside = cpu as unknown as CpuInside
    if (options.memory) cpu.data.set(options.memory, SRAM_START)
    cpu.data[MCUSR] = RESET_CAUSE[options.cause]
    this.pins = new Pins(cpu, options.inputs, (pin, drive) => options.onDrive(pin, drive, cpu.cycles))
    for (const timer of [timer0Config, timer1Config, timer2Config]) attachTimer(cpu, timer)
    attachAdc(cpu, options.volts)
    this.usart = new Usart(cpu, UNO_HZ, options.onByte)
    new AVRWatchdog(cpu, watchdogConfig, new AVRClock(cpu, UNO_HZ, clockConfig))
    this.#program = decodeProgram(cpu)
    // avr8js would reset the processor alone and leave the pins, timers and the UART as they were.
    cpu.reset = () => {
      this.#bitten = true
      options.onWatchdog()
    }
  }

  /** Cycles since this chip began. */
  get cycles(): number {
    return this.#cpu.cycles
  }

  get memory(): Uint8Array {
    return this.#cpu.data.slice(SRAM_START)
  }

  /** Runs to `end`, or until the watchdog bites. It overshoots by less than one instruction. */
  run(end: number): void {
    const cpu = this.#cpu
    const inside = this.#inside
    while (cpu.cycles < end && !this.#bitten) {
      if (this.#asleep) {
        this.#sleep(end)
        continue
      }
      const opcode = execute(cpu, this.#program, Math.min(end, inside.nextClockEvent?.cycles ?? end))
      // The instruction after these two is always executed before an interrupt is served (datasheet 7.7).
      if (opcode === SEI || opcode === RETI) this.#runOther(execute(cpu, this.#program, cpu.cycles + 1))
      else this.#runOther(opcode)
    }
  }

  /** @param opcode that was executed last, when it was one that reaches beyond registers and memory */
  #runOther(opcode: number | undefined): void {
    const { data, cycles } = this.#cpu
    const inside = this.#inside
    if ((inside.nextClockEvent?.cycles ?? Infinity) <= cycles) this.#runDue()
    if (opcode === SLEEP) this.#asleep = ((data[SMCR] ?? 0) & SLEEP_ENABLE) !== 0
    else if (inside.nextInterrupt >= 0) this.#interrupt()
  }

  /** Nothing happens before the next event: the time until then is passed over. */
  #sleep(end: number): void {
    const cpu = this.#cpu
    const inside = this.#inside
    if (inside.nextInterrupt >= 0 && (cpu.data[SREG] ?? 0) & INTERRUPTS_ENABLED) {
      this.#asleep = false
      this.#interrupt()
      return
    }
    cpu.cycles = Math.min(end, Math.max(cpu.cycles, inside.nextClockEvent?.cycles ?? end))
    this.#runDue()
  }

  #runDue(): void {
    const inside = this.#inside
    for (
      let event = inside.nextClockEvent;
      event !== null && event.cycles <= this.#cpu.cycles && !this.#bitten;
      event = inside.nextClockEvent
    ) {
      // Taken off before it is called: it may add itself again.
      inside.nextClockEvent = event.next
      event.callback()
    }
  }

  #interrupt(): void {
    const cpu = this.#cpu
    const inside = this.#inside
    if (!((cpu.data[SREG] ?? 0) & INTERRUPTS_ENABLED)) return
    const interrupt = inside.pendingInterrupts[inside.nextInterrupt]
    if (!interrupt) return
    avrInterrupt(cpu, interrupt.address)
    if (!interrupt.constant) inside.clearInterrupt(interrupt)
  }
}

function attachAdc(cpu: CPU, volts: (channel: number) => number): void {
  const adc = new AVRADC(cpu, adcConfig)
  const convert = adc.onADCRead
  adc.onADCRead = (input) => {
    if (input.type === ADCMuxInputType.SingleEnded) adc.channelValues[input.channel] = volts(input.channel)
    convert(input)
  }
}
