import type { HardwareSample } from '../ports/lock-hardware.js'
import type { BoltControl } from './bolt-control.js'
import { isInUse, type LockCore } from './lock-core.js'

/** Watches the bay: who comes, who leaves, and raises the bolt behind the one who has left (REQ-19). */
export class BayWatch {
  #seen: { readonly present: boolean; readonly sinceMs: number } | undefined
  #told: boolean | undefined
  #clear = false

  constructor(
    private readonly core: LockCore,
    private readonly bolt: BoltControl,
  ) {
    this.#told = core.memory.occupied
  }

  /** True once the bay has been empty for so long that the bolt may rise. */
  get isClear(): boolean {
    return this.#clear
  }

  /** Every sample of the hardware. */
  watch({ vehiclePresent: present, hardwareMs }: HardwareSample): void {
    const { thresholds } = this.core.parts.config
    if (this.#seen?.present !== present) this.#seen = { present, sinceMs: hardwareMs }
    const sameForMs = hardwareMs - this.#seen.sinceMs
    if (sameForMs >= thresholds.occupancyHardwareMs && this.#told !== present) {
      this.#told = present
      this.#tell(present)
    }
    this.#clear = !present && sameForMs >= thresholds.leaveHardwareMs
    if (this.#clear) this.#raiseIfOwed()
  }

  #raiseIfOwed(): void {
    const { state, fault } = this.bolt.bolt
    // A bolt that has jammed on its way up waits for somebody who looks at it.
    if (this.core.memory.raiseOwed && state === 'down' && !fault) void this.bolt.moveTo('up')
  }

  #tell(occupied: boolean): void {
    this.core.turnSoon(async (records) => {
      const held = await records.reservation()
      const before = await records.setting('occupied')
      await records.set('occupied', occupied ? 'yes' : 'no')
      // The first reading of a new lock that finds its bay empty is no news.
      if (before === undefined && !occupied) return
      const using = isInUse(held) ? held : undefined
      if (using?.state === 'unlocked' && occupied) await records.hold({ ...using, state: 'occupied' })
      if (using?.state === 'occupied' && !occupied) {
        await records.hold({ ...using, state: 'left' })
        await records.set('raise-owed', 'yes')
      }
      await this.core.post(
        records,
        { type: 'occupancy-changed', occupied, ...(using && { reservationId: using.id }) },
        using?.correlationId,
      )
    })
  }
}
