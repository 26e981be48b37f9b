import type { LockStatus } from '../../reference/contracts/lock-link.js'
import type { BoltPosition } from '../../reference/contracts/platform-api.js'

export interface PlayedBodyConfig {
  /** How long the bolt takes from one end to the other, wall milliseconds. */
  readonly travelMs: number
  /** How long the bay must be empty before the bolt rises, wall milliseconds. */
  readonly leaveMs: number
}

/** What the reference bench's servo takes for one rise. */
const RISE_JOULES = 2.4

/** The bolt and the bay of a played lock: no mechanics, only where things are, and how long they take. */
export class PlayedBody {
  #bolt: BoltPosition = 'up'
  #occupied = false
  #clear = true
  #moves = 0
  #rises = 0
  #closed = false
  readonly #timers = new Set<NodeJS.Timeout>()
  /** The bolt is to go up as soon as the bay is empty. */
  raiseOwed = false

  /** @param onBolt hears each change of the bolt's position */
  constructor(
    private readonly config: PlayedBodyConfig,
    private readonly onBolt: (bolt: BoltPosition) => void,
  ) {}

  get bolt(): BoltPosition {
    return this.#bolt
  }

  get occupied(): boolean {
    return this.#occupied
  }

  /** Drives of the bolt so far. */
  get moves(): number {
    return this.#moves
  }

  get state(): NonNullable<LockStatus['state']> {
    if (this.#bolt === 'moving') return this.raiseOwed ? 'rising' : 'lowering'
    return this.#bolt === 'down' ? 'down' : 'up'
  }

  get wear() {
    return { cycles: this.#rises, stalls: 0, energyJoules: this.#rises * RISE_JOULES }
  }

  drive(end: 'up' | 'down'): void {
    if (this.#bolt === end) return
    this.#moves++
    this.#moveTo('moving')
    this.after(this.config.travelMs, () => this.#moveTo(end))
  }

  raiseIfOwed(): void {
    if (this.raiseOwed && this.#clear && this.#bolt === 'down') this.drive('up')
  }

  /** @returns whether that is news */
  setVehicle(present: boolean): boolean {
    if (present === this.#occupied) return false
    this.#occupied = present
    this.#clear = false
    if (!present) {
      this.after(this.config.leaveMs, () => {
        this.#clear = !this.#occupied
        this.raiseIfOwed()
      })
    }
    return true
  }

  /** Does something later, unless the lock has been closed by then. */
  after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (!this.#closed) work()
    }, ms)
    this.#timers.add(timer)
  }

  /** Does something again and again, for the first time after a share of the interval. */
  every(ms: number, firstAfter: number, work: () => void): void {
    this.after(ms * firstAfter, () => {
      work()
      this.every(ms, 1, work)
    })
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #moveTo(bolt: BoltPosition): void {
    if (this.#bolt === bolt) return
    this.#bolt = bolt
    if (bolt === 'up') {
      this.raiseOwed = false
      this.#rises++
    }
    this.onBolt(bolt)
    this.raiseIfOwed()
  }
}
