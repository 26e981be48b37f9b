import type { LockMachine } from '../domain/lock-machine.js'
import { addWear, NO_WEAR, type Wear } from '../domain/wear.js'
import type { LockCore } from './lock-core.js'

/** What has been worked since `before`. */
function since(before: Wear, now: Wear): Wear {
  return {
    cycles: now.cycles - before.cycles,
    stalls: now.stalls - before.stalls,
    energyJoules: now.energyJoules - before.energyJoules,
  }
}

/** Keeps the wear in the lock's storage: written whenever a drive has ended, so a restart loses one travel at the most. */
export class WearKeeper {
  #written: Wear = NO_WEAR

  constructor(private readonly core: LockCore) {}

  /** After every step of the machine. */
  watch(before: LockMachine, after: LockMachine): void {
    if (before.bolt.drive && !after.bolt.drive) this.write(after)
  }

  write({ wear }: LockMachine): void {
    const worked = since(this.#written, wear)
    if (worked.cycles === 0 && worked.stalls === 0 && worked.energyJoules === 0) return
    this.#written = wear
    this.core.turnSoon(async (records) => records.setWear(addWear(await records.wear(), worked)))
  }
}
