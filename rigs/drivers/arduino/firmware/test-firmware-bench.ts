import type { PinEdge } from '../../../simulated/circuit.js'
import { UNO_HZ, VirtualArduino } from '../../../simulated/virtual-arduino/virtual-arduino.js'
import { loadBoardFirmware } from '../../../bench/board/load-board-firmware.js'
import { lockPinMap } from '../../../pin-map.js'
import { firmata, FirmataParser, type FirmataMessage } from '../firmata-wire.js'
import type { FirmwareKind } from '../identify-firmware.js'
import { guardStatusIn, lockstep, type GuardStatus } from '../lockstep-wire.js'

export const CYCLES_PER_MS = UNO_HZ / 1000

/** A chip with a firmware on a table: wires to pull, volts to set, and every edge of the actuator's pins. No plant. */
export class FirmwareBench {
  readonly board: VirtualArduino
  readonly messages: FirmataMessage[] = []
  readonly edges: PinEdge[] = []
  readonly volts = [0, 0, 0, 0, 0, 0]
  #beats = 0

  constructor(image: Uint8Array) {
    const parser = new FirmataParser((message) => this.messages.push(message))
    this.board = new VirtualArduino({ image, onByte: (byte) => parser.push(Uint8Array.of(byte)) })
    for (const channel of this.volts.keys()) {
      this.board.setAnalogSource(channel, () => this.volts[channel] ?? 0)
    }
    for (let pin = 0; pin < 20; pin++) this.board.onEdge(pin, (edge) => this.edges.push(edge))
  }

  static image(kind: FirmwareKind): Uint8Array {
    return loadBoardFirmware(kind).image
  }

  /** A bench whose firmware has booted. */
  static booted(kind: FirmwareKind): FirmwareBench {
    const bench = new FirmwareBench(FirmwareBench.image(kind))
    bench.board.powerOn()
    // StandardFirmata blinks its version first.
    bench.run(kind === 'lockstep' ? 30 : 2_300)
    return bench
  }

  get nowMs(): number {
    return this.board.cycle / CYCLES_PER_MS
  }

  say(...commands: readonly (readonly number[])[]): void {
    this.board.receive(Uint8Array.from(commands.flat()))
  }

  run(ms: number): void {
    this.board.runUntil(this.board.cycle + ms * CYCLES_PER_MS)
  }

  /** What has come since the last time. */
  take(): FirmataMessage[] {
    return this.messages.splice(0)
  }

  /** Asks for the guard's status and waits for the answer. */
  status(): GuardStatus {
    this.take()
    this.say(lockstep.askStatus())
    this.run(10)
    const status = this.take()
      .map(guardStatusIn)
      .find((found) => found !== undefined)
    if (!status) throw new Error('the board does not answer with a status')
    return status
  }

  /** Arms, and has the servo driven to `degrees` with the relay closed. */
  drive(degrees: number): void {
    const { servo, relay } = lockPinMap
    this.say(
      lockstep.arm(this.status().cuts),
      firmata.setPinMode(relay.pin, 'output'),
      firmata.configureServo(servo.pin, servo.pulseUs.at0, servo.pulseUs.at180),
      firmata.writeServo(servo.pin, degrees),
      firmata.setDigitalPin(relay.pin, true),
    )
    this.run(5)
  }

  /** Lets time go by with a heartbeat every 100 ms. */
  runAlive(ms: number): void {
    for (let left = ms; left > 0; left -= 100) {
      this.say(lockstep.heartbeat(++this.#beats))
      this.run(Math.min(left, 100))
    }
  }

  /** When `pin` last went low, milliseconds, or undefined when it is not low. */
  wentLowAtMs(pin: number): number | undefined {
    const last = this.edges.filter((edge) => edge.pin === pin).at(-1)
    return last?.drive === 'low' ? last.cycle / CYCLES_PER_MS : undefined
  }

  /** Widths of the whole pulses on a pin, microseconds, and forgets them. */
  takePulsesUs(pin: number): number[] {
    const edges = this.edges.filter((edge) => edge.pin === pin)
    this.edges.length = 0
    return edges.flatMap((edge, index) => {
      const before = edges[index - 1]
      const isPulse = edge.drive === 'low' && before?.drive === 'high'
      return isPulse ? [((edge.cycle - before.cycle) * 1e6) / UNO_HZ] : []
    })
  }

  pressLimit(limit: 'limitUp' | 'limitDown', pressed: boolean): void {
    this.board.setInput(lockPinMap[limit].pin, pressed ? false : undefined)
  }
}
