import { batteryState } from '../domain/battery.js'
import type { CameraFault } from '../domain/camera-fault.js'
import type { LockMachine } from '../domain/lock-machine.js'
import type { FaultDetail, LockFault } from '../contracts/lock-link.js'
import type { HardwareLoss } from '../ports/lock-hardware.js'

/** A fault, and which readings it is about where that is known. */
export interface ToldFault {
  readonly fault: LockFault
  readonly detail?: FaultDetail | undefined
}

/** What is wrong with the lock. Each fault is told once, when it begins. */
export class Health {
  #loss: LockFault | undefined
  #isCameraLost = false
  #cameraFaults: readonly CameraFault[] | undefined
  #machineFaults: ToldFault[] = []
  #told: readonly ToldFault[] = []

  constructor(private readonly onFault: (fault: ToldFault) => void) {}

  /** What is wrong now, the gravest first. */
  get faults(): LockFault[] {
    return [...new Set(this.#all().map(({ fault }) => fault))]
  }

  lost(loss: HardwareLoss): void {
    this.#loss ??= loss === 'board-reset' ? 'board-reset' : 'link-lost'
    this.#tell()
  }

  cameraLost(): void {
    this.#isCameraLost = true
    this.#tell()
  }

  cameraBack(): void {
    this.#isCameraLost = false
    this.#tell()
  }

  /** What its pictures show to be wrong; undefined while nobody watches them. */
  get cameraFaults(): readonly CameraFault[] | undefined {
    return this.#cameraFaults
  }

  /** Told in the status and no fault of the lock: a bay whose camera is fogged can still be reserved. */
  cameraShows(faults: readonly CameraFault[]): void {
    this.#cameraFaults = faults
  }

  /** After every step of the machine. */
  watch({ bolt, battery }: LockMachine): void {
    const judged = batteryState(battery)
    const { fault, sensorFault } = bolt
    this.#machineFaults = [
      ...(fault ? [{ fault, detail: fault === 'sensor-fault' ? sensorFault : undefined }] : []),
      ...(judged === 'unreadable' ? [{ fault: 'sensor-fault', detail: 'battery-sensor' } as const] : []),
      ...(judged === 'critical' ? [{ fault: 'battery-critical' } as const] : []),
      ...(judged === 'low' ? [{ fault: 'battery-low' } as const] : []),
    ]
    this.#tell()
  }

  #all(): ToldFault[] {
    const [bolt, battery] = [
      this.#machineFaults.filter(({ fault }) => !fault.startsWith('battery')),
      this.#machineFaults.filter(({ fault }) => fault.startsWith('battery')),
    ]
    return [
      ...(this.#loss ? [{ fault: this.#loss }] : []),
      ...bolt,
      ...(this.#isCameraLost ? [{ fault: 'camera-lost' } as const] : []),
      ...battery,
    ]
  }

  #tell(): void {
    const now = this.#all()
    const isNew = ({ fault, detail }: ToldFault) =>
      !this.#told.some((told) => told.fault === fault && told.detail === detail)
    const fresh = now.filter(isNew)
    this.#told = now
    fresh.forEach(this.onFault)
  }
}
