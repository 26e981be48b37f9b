import type { Clock } from '../../reference/ports/clock.js'
import { ManualClock } from '../simulated/manual-clock/manual-clock.js'

/** A clock in another process that follows the rig's. */
export interface ClockFollower {
  /** Resolves once the other process's business time is `epochMs` and what fell due there has been started. */
  set(epochMs: number): Promise<void>
  /** Where it stands now, milliseconds since the Unix epoch; undefined where it does not say. */
  read?(): Promise<number | undefined>
}

/** The rig's one business time, for every process that takes part. */
export interface RigClock extends Clock {
  /** Whether scenarios can move it; else it is the system's. */
  readonly isMovable: boolean
  /**
   * Resolves when so much business time has passed, in every process.
   * @throws RigUnavailable where that would take too long to wait for, and time cannot be moved
   */
  advance(ms: number): Promise<void>
  /** Brings a follower to this time and keeps it there. @returns ends it */
  lead(follower: ClockFollower): Promise<() => void>
  /** Business times that a message which arrives now may have been written at, milliseconds since the Unix epoch. */
  recent(): { readonly fromMs: number; readonly toMs: number }
}

/** How long a message may be on its way over a move of business time, wall milliseconds. */
const ON_ITS_WAY_MS = 10_000

/** Business time that stands still until a scenario moves it, in every process at once. */
export class BusinessClock implements RigClock {
  readonly isMovable = true
  readonly #clock: ManualClock
  readonly #followers = new Set<ClockFollower>()
  /** Where time was moved from, and when that was over on the wall; a move that is under way has no end. */
  #moves: { readonly fromMs: number; readonly toMs: number; endedAtMs: number }[] = []

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
    const move = { fromMs: this.now(), toMs: to, endedAtMs: Infinity }
    this.#moves.push(move)
    try {
      await Promise.all([...this.#followers].map((follower) => follower.set(to)))
      this.#clock.advance(ms)
    } finally {
      move.endedAtMs = performance.now()
    }
  }

  /** Followers are moved before this clock is, and what was written before a move arrives after it. */
  recent(): { readonly fromMs: number; readonly toMs: number } {
    this.#moves = this.#moves.filter(({ endedAtMs }) => endedAtMs > performance.now() - ON_ITS_WAY_MS)
    return {
      fromMs: Math.min(this.now(), ...this.#moves.map(({ fromMs }) => fromMs)),
      toMs: Math.max(this.now(), ...this.#moves.map(({ toMs }) => toMs)),
    }
  }

  /**
   * A follower that stands later is not set back, since what it remembers would lie in its future: all others move to
   * its time first.
   */
  async lead(follower: ClockFollower): Promise<() => void> {
    const stands = await follower.read?.()
    if (stands !== undefined && stands > this.now()) await this.advance(stands - this.now())
    await follower.set(this.now())
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }
}
