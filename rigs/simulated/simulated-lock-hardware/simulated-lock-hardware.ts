import {
  HardwareGone,
  type BoltTarget,
  type HardwareLoss,
  type HardwareSample,
  type LockHardware,
} from '../../../reference/ports/lock-hardware.js'

const TICK_MS = 10

/** The whole travel, milliseconds of hardware time. */
const TRAVEL_MS = 600
const LIMIT_FRACTION = 0.03
const RUNNING_AMPS = 0.5
const STALL_AMPS = 2.5
const OPEN_CIRCUIT_VOLTS = 7.9
const INTERNAL_OHMS = 0.18

/**
 * A lock's body without a board or a firmware, for neighbouring bays: a bolt, its switches and sensors on a hardware
 * time of its own, which advances 10 ms at each tick however late the tick comes. It proves nothing about a board, and
 * its identity says so.
 */
export class SimulatedLockHardware implements LockHardware {
  readonly identity = { board: 'simulated lock body (no board)', firmware: 'none' }
  readonly #sampleListeners = new Set<(sample: HardwareSample) => void>()
  readonly #lossListeners = new Set<(loss: HardwareLoss) => void>()
  readonly #ticking: NodeJS.Timeout
  #hardwareMs = 0
  /** 0 is down, 1 is up. */
  #position: number
  #target: BoltTarget | undefined
  #jammed = false
  #vehiclePresent = false
  #tampered = false
  #amps = 0
  #gone: HardwareLoss | 'closed' | undefined

  constructor(options: { readonly bolt: BoltTarget }) {
    this.#position = options.bolt === 'up' ? 1 : 0
    this.#ticking = setInterval(() => this.#tick(), TICK_MS)
  }

  get sample(): HardwareSample {
    return {
      hardwareMs: this.#hardwareMs,
      limitUp: this.#position >= 1 - LIMIT_FRACTION,
      limitDown: this.#position <= LIMIT_FRACTION,
      vehiclePresent: this.#vehiclePresent,
      tampered: this.#tampered,
      actuatorSupplied: this.#target !== undefined,
      motorCurrentAmps: this.#amps,
      batteryVolts: OPEN_CIRCUIT_VOLTS - INTERNAL_OHMS * this.#amps,
    }
  }

  setVehiclePresent(present: boolean): void {
    this.#vehiclePresent = present
  }

  /** Opens or closes the housing. */
  setTampered(tampered: boolean): void {
    this.#tampered = tampered
  }

  /** Holds the bolt where it is, or lets it go again. */
  jam(jammed: boolean): void {
    this.#jammed = jammed
  }

  /** The hardware is gone from now on, for this reason. */
  lose(loss: HardwareLoss): void {
    if (this.#gone) return
    this.#stop(loss)
    for (const listener of this.#lossListeners) listener(loss)
  }

  drive(target: BoltTarget): void {
    this.#requireHardware()
    this.#target = target
  }

  release(): void {
    this.#requireHardware()
    this.#target = undefined
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

  #stop(reason: HardwareLoss | 'closed'): void {
    clearInterval(this.#ticking)
    this.#target = undefined
    this.#amps = 0
    this.#gone = reason
  }

  #tick(): void {
    this.#hardwareMs += TICK_MS
    const end = this.#target === 'up' ? 1 : 0
    const drives = this.#target !== undefined && this.#position !== end
    if (drives && !this.#jammed) {
      const step = TICK_MS / TRAVEL_MS
      this.#position = end === 1 ? Math.min(1, this.#position + step) : Math.max(0, this.#position - step)
    }
    this.#amps = drives ? (this.#jammed ? STALL_AMPS : RUNNING_AMPS) : 0
    for (const listener of this.#sampleListeners) listener(this.sample)
  }

  #requireHardware(): void {
    if (this.#gone) throw new HardwareGone(this.#gone)
  }
}
