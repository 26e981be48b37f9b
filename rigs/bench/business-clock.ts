import type { Clock } from '../../reference/ports/clock.js'
import { RigUnavailable } from './rig-errors.js'
import { ManualClock } from '../simulated/manual-clock/manual-clock.js'

/** A clock in another process that follows this one. */
export interface ClockFollower {
  /** Resolves once the other process's business time is `epochMs` and what fell due there has been started. */
  set(epochMs: number): Promise<void>
}

/** The rig's one business time: stands still until a scenario moves it, in every process at once. */
export class BusinessClock implements Clock {
  readonly #clock: ManualClock
  readonly #followers = new Set<ClockFollower>()

  readonly #unmovable = new Set<string>()

  constructor(startMs: number) {
    this.#clock = new ManualClock(startMs)
  }

  now(): number {
    return this.#clock.now()
  }

  at(epochMs: number, task: () => void): () => void {
    return this.#clock.at(epochMs, task)
  }

  /**
   * Moves time in the processes that follow, then here.
   * @throws RigUnavailable while a party takes part whose time cannot be moved
   */
  async advance(ms: number): Promise<void> {
    const [stuck] = this.#unmovable
    if (stuck !== undefined) {
      throw new RigUnavailable(
        `business time cannot be moved: ${stuck} goes by the system's clock`,
        'name a clock of it in the profile (docs/own-party.md), or leave this scenario out',
      )
    }
    const to = this.now() + ms
    await Promise.all([...this.#followers].map((follower) => follower.set(to)))
    this.#clock.advance(ms)
  }

  /** Brings a follower to this time and keeps it there. @returns ends it */
  async lead(follower: ClockFollower): Promise<() => void> {
    await follower.set(this.now())
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }

  /** A party takes part whose time cannot be moved. @returns ends it */
  holdStill(party: string): () => void {
    this.#unmovable.add(party)
    return () => void this.#unmovable.delete(party)
  }
}
