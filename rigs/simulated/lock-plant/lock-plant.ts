import { afterHardwareMs, hardwareMsOf, type Circuit } from '../circuit.js'
import { ADC_REFERENCE_VOLTS, type PinMap } from '../../pin-map.js'
import { seededRandom } from '../seeded-random.js'
import { Battery } from './battery.js'
import { Bolt } from './bolt.js'
import { Contact } from './contact.js'
import type { AnalogChannel, PlantFault } from './plant-faults.js'
import { Relay } from './relay.js'
import { PlantTracer, type PlantTrace } from './plant-tracer.js'
import { ServoSignal } from './servo.js'

export type { PlantFault } from './plant-faults.js'
export type { PlantTrace } from './plant-tracer.js'

const STEP_MS = 1

/** The limit switches are pressed this near to the ends, degrees. */
const LIMIT_DEGREES = 3

/** What board, scanner and radio draw, amperes. */
const BOARD_AMPS = 0.05

/** Under this the board's 5 V converter lets its rail fall, and the chip's brown-out detector resets it, volts. */
const BROWN_OUT_VOLTS = 4

/** How long a chip's detector takes (datasheet 28.7: 2 µs), generously. */
const BROWN_OUT_MS = 0.01

export interface PlantObservation extends PlantTrace {
  readonly bolt: 'up' | 'down' | 'between'
  /** Times that the bolt left its place. */
  readonly moves: number
  readonly cycles: number
}

export interface LockPlantOptions {
  /** Where the bolt stands at first. */
  readonly bolt: 'up' | 'down'
  /** Any integer; the same seed gives the same bounces. */
  readonly seed?: number
  /** Told at every change, at a leap of the current, when the bolt turns round, and every 20 ms while the servo works. */
  readonly onTrace?: (trace: PlantTrace) => void
  /** The battery has sagged so far that the board's chip is reset. */
  readonly onBrownOut?: () => void
}

/**
 * The lock's mechanics and electrics. It sees edges on the relay's and the servo's pin, and answers through input pins
 * and the ADC; nothing else passes between it and the firmware.
 */
export class LockPlant {
  readonly #circuit: Circuit
  readonly #pins: PinMap
  readonly #options: LockPlantOptions
  readonly #bolt: Bolt
  readonly #battery = new Battery()
  readonly #relay: Relay
  readonly #signal: ServoSignal
  readonly #limits: { readonly up: Contact; readonly down: Contact }
  readonly #vehicle: Contact
  readonly #tamper: Contact
  readonly #sense: Contact
  readonly #tracer: PlantTracer
  readonly #wireVolts: Partial<Record<AnalogChannel, number>> = {}
  #vehicleComesAt: number | undefined
  #servoVolts = 0
  #brownedOut = false
  #stepping = false
  #steppedAtMs: number

  constructor(circuit: Circuit, pins: PinMap, options: LockPlantOptions) {
    const random = seededRandom(options.seed ?? 1)
    this.#circuit = circuit
    this.#pins = pins
    this.#options = options
    this.#tracer = new PlantTracer(options.onTrace)
    this.#steppedAtMs = hardwareMsOf(circuit)
    this.#bolt = new Bolt(pins.servo.degrees[options.bolt])
    this.#limits = {
      up: new Contact(circuit, pins.limitUp, random),
      down: new Contact(circuit, pins.limitDown, random),
    }
    this.#vehicle = new Contact(circuit, pins.vehicle)
    this.#tamper = new Contact(circuit, pins.tamper, random)
    this.#sense = new Contact(circuit, pins.contactSense)
    this.#signal = new ServoSignal(circuit, pins.servo, () => this.#changed())
    this.#relay = new Relay(circuit, pins.relay.pin, () => this.#changed())
    this.#wire('motorCurrent', () => this.#bolt.amps * pins.motorCurrent.voltsPerAmp)
    this.#wire('battery', () => this.#batteryVolts / pins.battery.dividerRatio)
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

  /** Takes the battery out, or puts a charged one in; the board's own power is the caller's to switch. */
  setBatteryIn(inserted: boolean): void {
    if (inserted && !this.#battery.inserted) this.#battery.swap()
    this.#battery.inserted = inserted
    this.#changed()
  }

  /** @param celsius of the battery */
  setTemperature(celsius: number): void {
    this.#battery.celsius = celsius
    this.#changed()
  }

  /** From now on this is wrong, beside whatever is wrong already. */
  inject(fault: PlantFault): void {
    this.#begin(fault)
    this.#changed()
  }

  /** Nothing is wrong any more; the bolt stays where that left it. */
  mend(): void {
    this.#bolt.jamAt(null)
    this.#bolt.pushTo(null)
    this.#bolt.speedFactor = 1
    this.#limits.up.mend()
    this.#limits.down.mend()
    this.#vehicleComesAt = undefined
    this.#vehicle.set(false)
    this.#tamper.set(false)
    this.#battery.swap()
    for (const channel of Object.keys(this.#wireVolts) as AnalogChannel[]) delete this.#wireVolts[channel]
    this.#signal.cut = false
    this.#relay.hold(undefined)
  }

  observe(): PlantObservation {
    const bolt = this.#limits.up.active ? 'up' : this.#limits.down.active ? 'down' : 'between'
    return { ...this.#state(), bolt, moves: this.#bolt.moves, cycles: this.#circuit.cycle }
  }

  #begin(fault: PlantFault): void {
    switch (fault.kind) {
      case 'jam':
        return this.#bolt.jamAt(fault.degrees)
      case 'wedged':
        return this.#bolt.jamAt(this.#bolt.degrees)
      case 'slow':
        this.#bolt.speedFactor = fault.factor
        return
      case 'limit-stuck-open':
      case 'limit-stuck-closed':
        this.#limits[fault.limit].stick(fault.kind === 'limit-stuck-closed')
        return
      case 'both-limits':
        this.#limits.up.stick(true)
        this.#limits.down.stick(true)
        return
      case 'bounce':
        this.#limits.up.bounceMs = fault.ms
        this.#limits.down.bounceMs = fault.ms
        return
      case 'forced-arm':
        return this.#bolt.pushTo(fault.degrees)
      case 'vehicle-mid-rise':
        this.#vehicleComesAt = fault.degrees
        return
      case 'tampered':
        return this.setTampered(true)
      case 'battery-sag':
        this.#battery.internalOhms = fault.internalOhms
        return
      case 'battery-charge':
        this.#battery.charge = fault.charge
        return
      case 'adc-open':
        this.#wireVolts[fault.channel] = 0
        return
      case 'adc-short':
        this.#wireVolts[fault.channel] = ADC_REFERENCE_VOLTS
        return
      case 'relay-welded':
        return this.#relay.hold(true)
      case 'supply-cut':
        return this.#relay.hold(false)
      case 'servo-signal-cut':
        this.#signal.cut = true
        return
    }
  }

  #wire(channel: AnalogChannel, volts: () => number): void {
    const source = () => this.#wireVolts[channel] ?? volts()
    this.#circuit.setAnalogSource(this.#pins[channel].channel, source)
  }

  get #supplied(): boolean {
    return this.#relay.closed && this.#battery.inserted
  }

  get #batteryVolts(): number {
    return this.#battery.volts(BOARD_AMPS + this.#bolt.amps)
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
    const now = hardwareMsOf(this.#circuit)
    this.#battery.drain(BOARD_AMPS + this.#bolt.amps, now - this.#steppedAtMs)
    this.#steppedAtMs = now
    // The servo's capacitor smooths what the battery gives.
    const volts = this.#batteryVolts
    this.#servoVolts = this.#supplied ? (this.#servoVolts + volts) / 2 : 0
    const works = this.#bolt.step(ms, {
      volts: this.#servoVolts,
      commandedDegrees: this.#signal.commandedDegrees,
    })
    const limitsChanged = this.#touchLimits()
    const jolts = this.#tracer.jolts(this.#bolt)
    this.#watchVehicle()
    this.#watchSupply()
    if (limitsChanged || jolts || (works && this.#tracer.isDue(now)) || (ms > 0 && !works)) this.#trace()
    this.#stepping = works
    if (works) afterHardwareMs(this.#circuit, STEP_MS, () => this.#step(STEP_MS))
  }

  #touchLimits(): boolean {
    const { up, down } = this.#pins.servo.degrees
    const towardsUp = Math.sign(up - down)
    const upChanged = this.#limits.up.set((up - this.#bolt.degrees) * towardsUp <= LIMIT_DEGREES)
    const downChanged = this.#limits.down.set((this.#bolt.degrees - down) * towardsUp <= LIMIT_DEGREES)
    return upChanged || downChanged
  }

  #watchVehicle(): void {
    const { up, down } = this.#pins.servo.degrees
    const comesAt = this.#vehicleComesAt
    if (comesAt === undefined || (this.#bolt.degrees - comesAt) * Math.sign(up - down) < 0) return
    this.#vehicleComesAt = undefined
    this.setVehiclePresent(true)
  }

  #watchSupply(): void {
    const isLow = this.#battery.inserted && this.#batteryVolts < BROWN_OUT_VOLTS
    // Not now: this may be an edge that the chip itself makes.
    if (isLow && !this.#brownedOut) {
      afterHardwareMs(this.#circuit, BROWN_OUT_MS, () => this.#options.onBrownOut?.())
    }
    this.#brownedOut = isLow
  }

  #state(): PlantTrace {
    return {
      hardwareMs: round(hardwareMsOf(this.#circuit)),
      degrees: round(this.#bolt.degrees),
      commandedDegrees: this.#signal.commandedDegrees ?? null,
      supplied: this.#supplied,
      currentAmps: round(this.#bolt.amps),
      batteryVolts: round(this.#batteryVolts),
      limitUp: this.#limits.up.active,
      limitDown: this.#limits.down.active,
      vehiclePresent: this.#vehicle.active,
      tampered: this.#tamper.active,
    }
  }

  #trace(): void {
    this.#tracer.trace(hardwareMsOf(this.#circuit), this.#bolt, () => this.#state())
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
