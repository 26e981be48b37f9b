/** Mechanics and motor of the bolt; the figures are those of an MG996R-sized servo at 6–8 V. */

/** Degrees a second: 90° in 600 ms, with the bolt's load. */
const RATED_SPEED = 150
const INRUSH_AMPS = 1.8
const INRUSH_MS = 30
const RUNNING_AMPS = 0.5
const STALL_AMPS = 2.5
const HOLDING_AMPS = 0.08
const IDLE_AMPS = 0.01

/** A servo does not answer to an error smaller than its dead band, degrees. */
const DEAD_BAND_DEGREES = 0.5

/** Less than this is the twitch of a servo that wakes, not a move of the bolt, degrees. */
const MOVE_DEGREES = 5

/** Nearer than this to the obstacle when it is set, the bolt is wedged and moves neither way, degrees. */
const WEDGE_DEGREES = 1

export interface BoltDrive {
  readonly supplied: boolean
  readonly commandedDegrees: number | undefined
}

/** The bolt on its servo: it moves only while supplied and commanded, and otherwise stays where it is. */
export class Bolt {
  degrees: number
  amps = 0
  /** 1 is the rated speed. */
  speedFactor = 1
  /** Times that it left its place. */
  moves = 0
  #obstacle: { readonly degrees: number; readonly isAbove: boolean } | undefined
  #wedged = false
  #movingMs = 0
  #restedAt: number
  #moveCounted = false

  constructor(degrees: number) {
    this.degrees = degrees
    this.#restedAt = degrees
  }

  /** Sets or clears an angle that the bolt cannot pass from where it is; it can go back. */
  jamAt(degrees: number | null): void {
    this.#obstacle = degrees === null ? undefined : { degrees, isAbove: degrees > this.degrees }
    this.#wedged = degrees !== null && Math.abs(this.degrees - degrees) < WEDGE_DEGREES
  }

  /** Lets `ms` pass. @returns whether anything goes on that a next step must follow */
  step(ms: number, { supplied, commandedDegrees }: BoltDrive): boolean {
    if (!supplied || commandedDegrees === undefined) {
      this.#rest(supplied ? IDLE_AMPS : 0)
      return false
    }
    const way = commandedDegrees - this.degrees
    if (Math.abs(way) < DEAD_BAND_DEGREES) {
      this.#rest(HOLDING_AMPS)
      return false
    }
    const reach = Math.min(Math.abs(way), (RATED_SPEED * this.speedFactor * ms) / 1000)
    const free = this.#freeReach(Math.sign(way), reach)
    this.degrees += Math.sign(way) * free
    this.#countMove()
    this.#movingMs += ms
    if (this.#movingMs <= INRUSH_MS) this.amps = INRUSH_AMPS
    else this.amps = free < reach ? STALL_AMPS : RUNNING_AMPS
    return true
  }

  #rest(amps: number): void {
    this.amps = amps
    this.#movingMs = 0
    this.#restedAt = this.degrees
    this.#moveCounted = false
  }

  #countMove(): void {
    if (this.#moveCounted || Math.abs(this.degrees - this.#restedAt) < MOVE_DEGREES) return
    this.#moveCounted = true
    this.moves++
  }

  /** How much of `reach` degrees towards `sign` is free of the obstacle. */
  #freeReach(sign: number, reach: number): number {
    if (this.#wedged) return 0
    if (!this.#obstacle || this.#obstacle.isAbove !== sign > 0) return reach
    return Math.min(reach, Math.abs(this.#obstacle.degrees - this.degrees))
  }
}
