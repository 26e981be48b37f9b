import { systemClock } from '../drivers/system-clock/system-clock.js'
import type { ClockFollower, RigClock } from './business-clock.js'
import { RigUnavailable } from './rig-errors.js'

/** Longer stretches of business time are not waited for, milliseconds. */
const LONGEST_WAIT_MS = 60_000
/** How often a clock that stands until it is moved is brought to the system's time, milliseconds. */
const LEAD_EVERY_MS = 250

/** Business time that is the system's, for rigs on which a party takes part whose time cannot be moved. */
export class SystemTime implements RigClock {
  readonly isMovable = false

  /** @param why time cannot be moved; named in the error */
  constructor(private readonly why: string) {}

  now(): number {
    return systemClock.now()
  }

  at(epochMs: number, task: () => void): () => void {
    return systemClock.at(epochMs, task)
  }

  async advance(ms: number): Promise<void> {
    if (ms > LONGEST_WAIT_MS) {
      throw new RigUnavailable(
        `business time cannot be moved by ${Math.ceil(ms / 1_000)} s: ${this.why}`,
        'name a clock of it in the profile (docs/own-party.md), or leave this scenario out',
      )
    }
    await new Promise<void>((resolve) => void this.at(this.now() + ms, resolve))
  }

  recent(): { readonly fromMs: number; readonly toMs: number } {
    return { fromMs: this.now(), toMs: this.now() }
  }

  async lead(follower: ClockFollower): Promise<() => void> {
    await follower.set(this.now())
    // A follower that fails later fails what it takes part in; the next scenario finds out at its start.
    const timer = setInterval(() => void follower.set(this.now()).catch(() => undefined), LEAD_EVERY_MS)
    return () => clearInterval(timer)
  }
}
