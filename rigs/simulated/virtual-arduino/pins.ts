import { AVRIOPort, portBConfig, portCConfig, portDConfig, type CPU } from 'avr8js'
import type { PinDrive } from '../circuit.js'

/** Arduino numbers of an Uno's pins: D0–D7 are port D, D8–D13 port B, 14–19 (A0–A5) port C. */
const PORTS = [
  { config: portDConfig, firstPin: 0, pins: 8 },
  { config: portBConfig, firstPin: 8, pins: 6 },
  { config: portCConfig, firstPin: 14, pins: 6 },
]
export const PIN_COUNT = 20

interface Port {
  readonly io: AVRIOPort
  readonly config: typeof portBConfig
  readonly firstPin: number
  readonly pins: number
}

/** The pins of one powered ATmega328P. avr8js does not model pull-ups, so an open wire takes its level here. */
export class Pins {
  readonly #cpu: CPU
  readonly #ports: readonly Port[]
  readonly #inputs: readonly (boolean | undefined)[]
  readonly #onDrive: (pin: number, drive: PinDrive) => void
  readonly #drives: PinDrive[] = Array.from({ length: PIN_COUNT }, () => 'open')

  /**
   * @param inputs levels on the wires from outside, by pin; the caller changes them and calls `inputChanged`
   * @param onDrive called when the chip begins to do something else to a wire
   */
  constructor(
    cpu: CPU,
    inputs: readonly (boolean | undefined)[],
    onDrive: (pin: number, drive: PinDrive) => void,
  ) {
    this.#cpu = cpu
    this.#inputs = inputs
    this.#onDrive = onDrive
    this.#ports = PORTS.map((port) => ({ ...port, io: new AVRIOPort(cpu, port.config) }))
    for (const port of this.#ports) port.io.addListener((value) => this.#portChanged(port, value))
    for (let pin = 0; pin < PIN_COUNT; pin++) this.inputChanged(pin)
  }

  /** What the chip does to a wire now. */
  driveOf(pin: number): PinDrive {
    return this.#drives[pin] ?? 'open'
  }

  inputChanged(pin: number): void {
    const port = this.#ports.find(({ firstPin, pins }) => pin >= firstPin && pin < firstPin + pins)
    port?.io.setPin(pin - port.firstPin, this.#inputs[pin] ?? this.driveOf(pin) === 'pull-up')
  }

  #portChanged(port: Port, value: number): void {
    const outputs = this.#cpu.data[port.config.DDR] ?? 0
    for (let bit = 0; bit < port.pins; bit++) {
      const pin = port.firstPin + bit
      const high = (value >> bit) & 1
      const drive = (outputs >> bit) & 1 ? (high ? 'high' : 'low') : high ? 'pull-up' : 'open'
      if (drive === this.#drives[pin]) continue
      this.#drives[pin] = drive
      this.inputChanged(pin)
      this.#onDrive(pin, drive)
    }
  }
}
