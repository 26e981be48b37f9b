import type { Bolt } from '../domain/bolt.js'
import type { LockFault } from '../contracts/lock-link.js'
import type { HardwareLoss, HardwareSample } from '../ports/lock-hardware.js'
import type { SettledLockConfig } from './lock-config.js'

/** Volts by which a low battery must recover before it counts as good again. */
const RECOVERY_VOLTS = 0.2

/** What is wrong with the lock. Each fault is told once, when it begins. */
export class Health {
  #loss: LockFault | undefined
  #camera = false
  #battery = false
  #lowSinceMs: number | undefined

  constructor(
    private readonly config: SettledLockConfig,
    private readonly onFault: (fault: LockFault) => void,
  ) {}

  /** The gravest fault that is there now. */
  current(bolt: Bolt): LockFault | undefined {
    return (
      this.#loss ??
      bolt.fault ??
      (this.#camera ? 'camera-lost' : undefined) ??
      (this.#battery ? 'battery-low' : undefined)
    )
  }

  lost(loss: HardwareLoss): void {
    if (this.#loss) return
    this.#loss = loss === 'board-reset' ? 'board-reset' : 'link-lost'
    this.onFault(this.#loss)
  }

  cameraLost(): void {
    if (this.#camera) return
    this.#camera = true
    this.onFault('camera-lost')
  }

  boltChanged(before: Bolt, after: Bolt): void {
    if (after.fault && after.fault !== before.fault) this.onFault(after.fault)
  }

  /** Every sample of the hardware. A battery that sags for a moment under the motor's load is not low. */
  watch({ batteryVolts, hardwareMs }: HardwareSample): void {
    const { lowBatteryVolts, lowBatteryHardwareMs } = this.config.thresholds
    if (batteryVolts >= lowBatteryVolts) this.#lowSinceMs = undefined
    else this.#lowSinceMs ??= hardwareMs
    if (batteryVolts >= lowBatteryVolts + RECOVERY_VOLTS) this.#battery = false
    const isLow = this.#lowSinceMs !== undefined && hardwareMs - this.#lowSinceMs >= lowBatteryHardwareMs
    if (!isLow || this.#battery) return
    this.#battery = true
    this.onFault('battery-low')
  }
}
