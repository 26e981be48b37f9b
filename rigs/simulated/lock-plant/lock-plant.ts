import { afterHardwareMs, hardwareMsOf, type Circuit } from '../circuit.js'
import type { PinMap } from '../../pin-map.js'
import { Bolt } from './bolt.js'
import { Contact } from './contact.js'
import { ServoSignal } from './servo.js'

const STEP_MS = 1
const TRACE_MS = 20

/** A relay's contact follows its coil after these times (typical of a 5 V PCB relay). */
const RELAY_OPERATE_MS = 7
const RELAY_RELEASE_MS = 4

/** The limit switches are pressed this near to the ends, degrees. */
const LIMIT_DEGREES = 3

/** Two lithium cells, and what wiring and cells drop. */
const OPEN_CIRCUIT_VOLTS = 7.9
const INTERNAL_OHMS = 0.18
const BOARD_AMPS = 0.05

export interface PlantTrace {
  readonly hardwareMs: number
  readonly degrees: number
  readonly commandedDegrees: number | null
  readonly supplied: boolean
  readonly currentAmps: number
  readonly batteryVolts: number
  readonly limitUp: boolean
  readonly limitDown: boolean
  readonly vehiclePresent: boolean
  readonly tampered: boolean
}

export interface PlantObservation extends PlantTrace {
  readonly bolt: 'up' | 'down' | 'between'
  /** Times that the bolt left its place. */
  readonly moves: number
  readonly cycles: number
}

/**
 * The lock's mechanics and electrics. It sees edges on the relay's and the servo's pin, and answers through input pins
 * and the ADC; nothing else passes between it and the firmware.
 */
export class LockPlant {
  readonly #circuit: Circuit
  readonly #pins: PinMap
  readonly #bolt: Bolt
  readonly #signal: ServoSignal
  readonly #limitUp: Contact
  readonly #limitDown: Contact
  readonly #vehicle: Contact
  readonly #tamper: Contact
  readonly #sense: Contact
  readonly #onTrace: (trace: PlantTrace) => void
  #relayClosed = false
  #batteryIn = true
  #stepping = false
  #tracedAtMs = -Infinity

  /**
   * @param options.bolt where the bolt stands at first
   * @param options.onTrace told at every change, and every 20 ms while the servo works
   */
  constructor(
    circuit: Circuit,
    pins: PinMap,
    options: { readonly bolt: 'up' | 'down'; readonly onTrace?: (trace: PlantTrace) => void },
  ) {
    this.#circuit = circuit
    this.#pins = pins
    this.#onTrace = options.onTrace ?? (() => {})
    this.#bolt = new Bolt(pins.servo.degrees[options.bolt])
    this.#limitUp = new Contact(circuit, pins.limitUp, true)
    this.#limitDown = new Contact(circuit, pins.limitDown, true)
    this.#vehicle = new Contact(circuit, pins.vehicle, false)
    this.#tamper = new Contact(circuit, pins.tamper, true)
    this.#sense = new Contact(circuit, pins.contactSense, false)
    this.#signal = new ServoSignal(circuit, pins.servo, () => this.#changed())
    circuit.setAnalogSource(pins.motorCurrent.channel, () => this.#bolt.amps * pins.motorCurrent.voltsPerAmp)
    circuit.setAnalogSource(pins.battery.channel, () => this.#batteryVolts / pins.battery.dividerRatio)
    this.#followRelay()
    this.#touchLimits()
    this.#trace()
  }

  setVehiclePresent(present: boolean): void {
    this.#vehicle.set(present)
    this.#trace()
  }

  /** Opens or closes the housing. */
  setTampered(tampered: boolean): void {
    this.#tamper.set(tampered)
    this.#trace()
  }

  /** An obstacle that the bolt cannot pass, at degrees of the servo; null takes it away. */
  jamAt(degrees: number | null): void {
    this.#bolt.jamAt(degrees)
    this.#changed()
  }

  /** @param factor of the rated speed, above 0 */
  setSpeedFactor(factor: number): void {
    this.#bolt.speedFactor = factor
  }

  /** Takes the battery out or puts it back; the board's own power is the caller's to switch. */
  setBatteryIn(inserted: boolean): void {
    this.#batteryIn = inserted
    this.#changed()
  }

  observe(): PlantObservation {
    const up = this.#limitUp.active
    const bolt = up ? 'up' : this.#limitDown.active ? 'down' : 'between'
    return { ...this.#state(), bolt, moves: this.#bolt.moves, cycles: this.#circuit.cycle }
  }

  get #supplied(): boolean {
    return this.#relayClosed && this.#batteryIn
  }

  get #batteryVolts(): number {
    return this.#batteryIn ? OPEN_CIRCUIT_VOLTS - INTERNAL_OHMS * (BOARD_AMPS + this.#bolt.amps) : 0
  }

  #followRelay(): void {
    let callOff = () => {}
    this.#circuit.onEdge(this.#pins.relay.pin, ({ drive }) => {
      const closes = drive === 'high'
      callOff()
      callOff = afterHardwareMs(this.#circuit, closes ? RELAY_OPERATE_MS : RELAY_RELEASE_MS, () => {
        if (this.#relayClosed === closes) return
        this.#relayClosed = closes
        this.#changed()
      })
    })
  }

  /** Something other than the passing of time has changed. */
  #changed(): void {
    this.#sense.set(this.#supplied)
    if (this.#stepping) {
      this.#trace()
      return
    }
    this.#stepping = true
    this.#step(0)
    this.#trace()
  }

  #step(ms: number): void {
    const wasWorking = ms > 0
    const works = this.#bolt.step(ms, {
      supplied: this.#supplied,
      commandedDegrees: this.#signal.commandedDegrees,
    })
    const limitsChanged = this.#touchLimits()
    const traceIsDue = hardwareMsOf(this.#circuit) - this.#tracedAtMs >= TRACE_MS
    if (limitsChanged || (works && traceIsDue) || (wasWorking && !works)) this.#trace()
    this.#stepping = works
    if (works) afterHardwareMs(this.#circuit, STEP_MS, () => this.#step(STEP_MS))
  }

  #touchLimits(): boolean {
    const { up, down } = this.#pins.servo.degrees
    const towardsUp = Math.sign(up - down)
    const upChanged = this.#limitUp.set((up - this.#bolt.degrees) * towardsUp <= LIMIT_DEGREES)
    const downChanged = this.#limitDown.set((this.#bolt.degrees - down) * towardsUp <= LIMIT_DEGREES)
    return upChanged || downChanged
  }

  #state(): PlantTrace {
    return {
      hardwareMs: round(hardwareMsOf(this.#circuit)),
      degrees: round(this.#bolt.degrees),
      commandedDegrees: this.#signal.commandedDegrees ?? null,
      supplied: this.#supplied,
      currentAmps: round(this.#bolt.amps),
      batteryVolts: round(this.#batteryVolts),
      limitUp: this.#limitUp.active,
      limitDown: this.#limitDown.active,
      vehiclePresent: this.#vehicle.active,
      tampered: this.#tamper.active,
    }
  }

  #trace(): void {
    this.#tracedAtMs = hardwareMsOf(this.#circuit)
    this.#onTrace(this.#state())
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
