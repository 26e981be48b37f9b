import {
  HardwareGone,
  type BoltTarget,
  type HardwareLoss,
  type HardwareSample,
  type LockHardware,
} from '../../../reference/ports/lock-hardware.js'
import { ADC_REFERENCE_VOLTS, lockPinMap, type InputPin } from '../../pin-map.js'
import { afterHardwareMs, hardwareMsOf } from '../circuit.js'
import { BareCircuit } from './bare-circuit.js'
import { LockPlant, type PlantTrace } from './lock-plant.js'

const SAMPLE_MS = 10
const PULSE_PERIOD_MS = 20

export interface SimulatedLockOptions {
  readonly bolt: BoltTarget
  /** Any integer; the same seed gives the same bounces. */
  readonly seed?: number
  /** False: time passes only when `pass` is called. Default true. */
  readonly ticks?: boolean
  readonly onTrace?: (trace: PlantTrace) => void
}

/**
 * A lock's body without a board or a firmware, for neighbouring bays and for quick tests of what can go wrong: the same
 * plant as behind the virtual board, with ideal pins. Its hardware time advances 10 ms at each tick however late the
 * tick comes. It proves nothing about a board, and its identity says so.
 */
export class SimulatedLockHardware implements LockHardware {
  readonly identity = { board: 'simulated lock body (no board)', firmware: 'none' }
  readonly plant: LockPlant
  readonly #circuit = new BareCircuit()
  readonly #sampleListeners = new Set<(sample: HardwareSample) => void>()
  readonly #lossListeners = new Set<(loss: HardwareLoss) => void>()
  readonly #ticking: NodeJS.Timeout | undefined
  #pulseMs: number | undefined
  #gone: HardwareLoss | 'closed' | undefined

  constructor(options: SimulatedLockOptions) {
    this.plant = new LockPlant(this.#circuit, lockPinMap, options)
    this.#pulse()
    if (options.ticks ?? true) this.#ticking = setInterval(() => this.pass(SAMPLE_MS), SAMPLE_MS)
  }

  get sample(): HardwareSample {
    const { limitUp, limitDown, vehicle, tamper, contactSense, motorCurrent, battery } = lockPinMap
    const reads = ({ pin, active }: InputPin) => this.#circuit.isHigh(pin) === (active === 'high')
    const volts = (channel: number) => Math.min(ADC_REFERENCE_VOLTS, this.#circuit.volts(channel))
    return {
      hardwareMs: Math.round(hardwareMsOf(this.#circuit)),
      limitUp: reads(limitUp),
      limitDown: reads(limitDown),
      vehiclePresent: reads(vehicle),
      tampered: reads(tamper),
      actuatorSupplied: reads(contactSense),
      motorCurrentAmps: volts(motorCurrent.channel) / motorCurrent.voltsPerAmp,
      batteryVolts: volts(battery.channel) * battery.dividerRatio,
    }
  }

  /** Lets hardware time pass, with a sample every 10 ms. @param ms a multiple of 10 */
  pass(ms: number): void {
    for (let passed = 0; passed < ms && !this.#gone; passed += SAMPLE_MS) {
      this.#circuit.pass(SAMPLE_MS)
      const { sample } = this
      for (const listener of this.#sampleListeners) listener(sample)
    }
  }

  /** The hardware is gone from now on, for this reason. */
  lose(loss: HardwareLoss): void {
    if (this.#gone) return
    this.#stop(loss)
    for (const listener of this.#lossListeners) listener(loss)
  }

  drive(target: BoltTarget): void {
    this.#requireHardware()
    const { pulseUs, degrees } = lockPinMap.servo
    this.#pulseMs = (pulseUs.at0 + ((pulseUs.at180 - pulseUs.at0) * degrees[target]) / 180) / 1000
    this.#circuit.drive(lockPinMap.relay.pin, 'high')
  }

  release(): void {
    this.#requireHardware()
    this.#letGo()
  }

  onSample(listener: (sample: HardwareSample) => void): () => void {
    this.#sampleListeners.add(listener)
    return () => this.#sampleListeners.delete(listener)
  }

  onLost(listener: (loss: HardwareLoss) => void): () => void {
    this.#lossListeners.add(listener)
    return () => this.#lossListeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#stop('closed')
  }

  #letGo(): void {
    this.#pulseMs = undefined
    this.#circuit.drive(lockPinMap.relay.pin, 'low')
  }

  #stop(reason: HardwareLoss | 'closed'): void {
    clearInterval(this.#ticking)
    this.#letGo()
    this.#gone = reason
  }

  #pulse(): void {
    const { pin } = lockPinMap.servo
    if (this.#pulseMs !== undefined) {
      this.#circuit.drive(pin, 'high')
      afterHardwareMs(this.#circuit, this.#pulseMs, () => this.#circuit.drive(pin, 'low'))
    }
    afterHardwareMs(this.#circuit, PULSE_PERIOD_MS, () => this.#pulse())
  }

  #requireHardware(): void {
    if (this.#gone) throw new HardwareGone(this.#gone)
  }
}
