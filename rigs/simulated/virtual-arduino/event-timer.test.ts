import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AVRIOPort, AVRTimer, CPU, portBConfig, portDConfig, timer0Config, timer1Config } from 'avr8js'
import fc from 'fast-check'
import { attachTimer } from './event-timer.js'

type TimerConfig = typeof timer1Config

interface ClockEvent {
  readonly cycles: number
  readonly callback: () => void
  readonly next: ClockEvent | null
}

/** A processor without a program whose timer is watched; cycles go by one at a time, as avr8js wants it. */
class TimerBench {
  readonly cpu = new CPU(new Uint16Array(64), 2048)
  readonly #ports: readonly AVRIOPort[]

  constructor(
    readonly config: TimerConfig,
    attach: (cpu: CPU, config: TimerConfig) => void,
  ) {
    this.#ports = [portBConfig, portDConfig].map((port) => new AVRIOPort(this.cpu, port))
    for (const { DDR } of [portBConfig, portDConfig]) this.cpu.writeData(DDR, 0xff)
    attach(this.cpu, config)
  }

  write(register: number, value: number): void {
    if (register === this.config.TCCRA || register === this.config.TCCRB || register === this.config.TIMSK) {
      this.cpu.writeData(register, value & 0xff)
      return
    }
    if (this.config.bits === 16) this.cpu.writeData(register + 1, value >> 8)
    this.cpu.writeData(register, value & 0xff)
  }

  advance(cycles: number): void {
    const inside = this.cpu as unknown as { nextClockEvent: ClockEvent | null }
    for (let cycle = 0; cycle < cycles; cycle++) {
      this.cpu.cycles++
      for (
        let event = inside.nextClockEvent;
        event && event.cycles <= this.cpu.cycles;
        event = inside.nextClockEvent
      ) {
        inside.nextClockEvent = event.next
        event.callback()
      }
    }
  }

  seen(): number[] {
    const { config, cpu } = this
    const tcnt = cpu.readData(config.TCNT) | (config.bits === 16 ? cpu.readData(config.TCNT + 1) << 8 : 0)
    const levels = this.#ports.flatMap((port) =>
      [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => Number(port.pinState(bit))),
    )
    return [tcnt, cpu.readData(config.TIFR) & 0x07, ...levels]
  }
}

const plain = (cpu: CPU, config: TimerConfig) => void new AVRTimer(cpu, config)

/** Modes that do not count down: normal, CTC, fast PWM; with any behaviour of the two pins. */
const modes = (config: TimerConfig) =>
  config.bits === 16
    ? fc.constantFrom([0x00, 0x00], [0x00, 0x08], [0x02, 0x18], [0x03, 0x18], [0x00, 0x18], [0x01, 0x08])
    : fc.constantFrom([0x00, 0x00], [0x02, 0x00], [0x03, 0x00], [0x03, 0x08])

const top = (config: TimerConfig) => (config.bits === 16 ? 0x7ff : 0xff)

for (const config of [timer0Config, timer1Config]) {
  const { TCCRA, TCCRB, OCRA, OCRB, TCNT, ICR, TIMSK } = config
  const step = fc.oneof(
    fc.record({ register: fc.constantFrom(OCRA, OCRB), value: fc.nat(top(config)) }),
    fc.record({ register: fc.constant(TCNT), value: fc.nat(top(config)) }),
    ...(config.bits === 16
      ? [fc.record({ register: fc.constant(ICR), value: fc.integer({ min: 16, max: 0x7ff }) })]
      : []),
    fc.record({ register: fc.constant(TIMSK), value: fc.nat(7) }),
  )

  test(`a ${config.bits}-bit timer that is woken for events shows what avr8js shows, step by step`, () => {
    fc.assert(
      fc.property(
        modes(config),
        fc.nat(15),
        fc.array(fc.tuple(step, fc.integer({ min: 1, max: 4_000 })), { minLength: 1, maxLength: 8 }),
        ([wgmA = 0, wgmB = 0], pins, steps) => {
          const benches = [new TimerBench(config, plain), new TimerBench(config, attachTimer)]
          for (const bench of benches) {
            if (config.bits === 16) bench.write(ICR, 0x400)
            bench.write(TCCRA, (pins << 4) | wgmA)
            // A prescaler of 8.
            bench.write(TCCRB, wgmB | 0x02)
            bench.advance(4)
          }
          for (const [{ register, value }, eighths] of steps) {
            for (const bench of benches) {
              bench.write(register, value)
              bench.advance(8 * eighths)
            }
            assert.deepEqual(benches[1]?.seen(), benches[0]?.seen())
          }
        },
      ),
      { numRuns: 150, seed: 8 },
    )
  })
}
