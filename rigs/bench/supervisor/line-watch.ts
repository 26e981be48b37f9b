import type { FirmataMessage } from '../../drivers/arduino/firmata-wire.js'
import { guardStatusIn, latchedCutOff, type LatchedCutOff } from '../../drivers/arduino/lockstep-wire.js'
import { ADC_REFERENCE_VOLTS, ADC_STEPS, type InputPin, type PinMap } from '../../pin-map.js'
import { changedEnough, readingsFrom, type CutOffReading, type LockReadings } from '../lock/lock-readings.js'

/** The first current that comes after the contact has opened may have been converted before: the second one was not. */
const FRESH_AFTER = 2

/** What the bytes that pass to a client say of the lock: a look over its shoulder that asks the board nothing. */
export class LineWatch {
  readonly #pins: PinMap
  readonly #levels = new Map<number, number>()
  readonly #channels = new Map<number, number>()
  readonly #listeners = new Set<(readings: LockReadings) => void>()
  #currentsSinceCut = FRESH_AFTER
  #told: LockReadings | null = null
  #latch: { readonly cutOff: LatchedCutOff; readonly atMs: number } | undefined

  constructor(pins: PinMap) {
    this.#pins = pins
  }

  take(message: FirmataMessage): void {
    if (message.type === 'digital') this.#takeLevels(message.port, message.levels)
    else if (message.type === 'analog') {
      this.#channels.set(message.channel, message.value)
      if (message.channel === this.#pins.motorCurrent.channel) this.#currentsSinceCut++
    } else if (!this.#takeStatus(message)) return
    const { readings } = this
    if (!readings || !changedEnough(this.#told, readings)) return
    this.#told = readings
    for (const listener of this.#listeners) listener(readings)
  }

  #takeLevels(port: number, levels: number): void {
    const { contactSense } = this.#pins
    const wasSupplied = this.#isActive(contactSense)
    this.#levels.set(port, levels)
    if (wasSupplied && !this.#isActive(contactSense)) this.#currentsSinceCut = 0
  }

  /** A board that starts anew reports its status by itself: a latch that a reset has ended is not kept. */
  #takeStatus(message: FirmataMessage): boolean {
    const status = guardStatusIn(message)
    if (!status) return false
    const cutOff = latchedCutOff(status)
    this.#latch = cutOff && { cutOff, atMs: performance.now() }
    return true
  }

  /** The latch that the board reported last, also while no client has it measured. Its age goes on in wall time. */
  get cutOff(): CutOffReading | null {
    if (!this.#latch) return null
    const { cutOff, atMs } = this.#latch
    return { cause: cutOff.cause, ageMs: Math.round(cutOff.ageMs + performance.now() - atMs) }
  }

  /** Readings are not given any more: what was seen last may be old. */
  forget(): void {
    this.#levels.clear()
    this.#channels.clear()
    this.#told = null
  }

  /** Null until every sensor has been seen. */
  get readings(): LockReadings | null {
    const { limitUp, limitDown, vehicle, contactSense, tamper, motorCurrent, battery } = this.#pins
    const current = this.#channels.get(motorCurrent.channel)
    const volts = this.#channels.get(battery.channel)
    const inputs = [limitUp, limitDown, vehicle, contactSense, tamper].map((input) => this.#isActive(input))
    if (current === undefined || volts === undefined || inputs.includes(undefined)) return null
    const [up = false, down = false, vehiclePresent = false, actuatorSupplied = false, tampered = false] =
      inputs
    const { cutOff } = this
    return readingsFrom({
      limitUp: up,
      limitDown: down,
      vehiclePresent,
      actuatorSupplied,
      tampered,
      motorCurrentAmps: voltsOf(current) / motorCurrent.voltsPerAmp,
      batteryVolts: voltsOf(volts) * battery.dividerRatio,
      ...(!actuatorSupplied && this.#currentsSinceCut < FRESH_AFTER && { currentIsStale: true }),
      ...(cutOff && { cutOff: cutOff.cause, cutOffAgeMs: cutOff.ageMs }),
    })
  }

  /** @returns unsubscribe */
  onChange(listener: (readings: LockReadings) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #isActive({ pin, active }: InputPin): boolean | undefined {
    const levels = this.#levels.get(pin >> 3)
    return levels === undefined ? undefined : ((levels >> (pin & 7)) & 1) === (active === 'high' ? 1 : 0)
  }
}

const voltsOf = (code: number) => (code * ADC_REFERENCE_VOLTS) / ADC_STEPS
