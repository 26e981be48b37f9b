import type { LockHardware } from '../../../reference/ports/lock-hardware.js'
import type { PlantObservation, PlantTrace } from '../../simulated/lock-plant/lock-plant.js'
import type { PlantFault } from '../../simulated/lock-plant/plant-faults.js'

/** A lock's body whose faults can be played, and whose time passes when it is told to. Its bolt stands up at first. */
export interface FaultRig {
  readonly hardware: LockHardware
  /** Everything that the plant has done, with its own time. */
  readonly trace: readonly PlantTrace[]
  /** False for a body without a firmware: it cannot be reset. */
  readonly hasChip: boolean
  inject(fault: PlantFault): void
  mend(): void
  observe(): PlantObservation
  /** The plant's time, hardware ms. */
  nowMs(): number
  pass(hardwareMs: number): Promise<void>
  /** The board goes on while its host stands still, as in a hung event loop; only rigs with a chip have it. */
  stallHost?(hardwareMs: number): void
  close(): Promise<void>
}
