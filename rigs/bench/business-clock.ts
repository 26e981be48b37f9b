import type { Clock } from '../../reference/ports/clock.js'
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

  constructor(startMs: number) {
    this.#clock = new ManualClock(startMs)
  }

  now(): number {
    return this.#clock.now()
  }

  at(epochMs: number, task: () => void): () => void {
    return this.#clock.at(epochMs, task)
  }

  /** Moves time in the processes that follow, then here. */
  async advance(ms: number): Promise<void> {
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
}
