/** Mechanics and motor of the bolt; the figures are those of an MG996R-sized servo at 7.4 V. */

const RATED_VOLTS = 7.4

/** Degrees a second at the rated voltage: 90° in 600 ms, with the bolt's load. */
const RATED_SPEED = 150

/** How fast the motor gets the bolt going, and how fast friction stops it without supply, time constants in ms. */
const ACCELERATION_MS = 20
const COASTING_MS = 8

/** The servo's control gain, 1/s: the speed that it asks for at each degree of error. With this one it hardly overshoots. */
const GAIN_PER_SECOND = 20

const STALL_AMPS = 2.5
/** Friction and load take so much while the bolt moves. */
const RUNNING_AMPS = 0.5
const HOLDING_AMPS = 0.08
const IDLE_AMPS = 0.01
/** The servo's driver lets no more through, amperes: a reversal at full speed would draw twice the stall current. */
const DRIVER_AMPS = 4

/** A servo does not answer to an error smaller than its dead band, degrees. */
const DEAD_BAND_DEGREES = 0.5

/** Less than this is the twitch of a servo that wakes, not a move of the bolt, degrees. */
const MOVE_DEGREES = 5

/** Nearer than this to the obstacle when it is set, the bolt is wedged and moves neither way, degrees. */
const WEDGE_DEGREES = 1

/** A hand that pushes the arm moves it so fast, degrees a second. */
const HAND_SPEED = 300

/** Slower than this the bolt stands, degrees a second. */
const STANDSTILL = 0.5

export interface BoltDrive {
  /** Volts at the servo; 0 without supply. */
  readonly volts: number
  readonly commandedDegrees: number | undefined
}

/** The bolt on its servo: it moves only while supplied and commanded, or pushed, and otherwise comes to rest. */
export class Bolt {
  degrees: number
  amps = 0
  /** 1 is the rated speed. */
  speedFactor = 1
  /** Times that it left its place. */
  moves = 0
  /** Degrees a second, negative on the way to 0°. */
  velocity = 0
  #obstacle: { readonly degrees: number; readonly isAbove: boolean } | undefined
  #wedged = false
  #hand: number | undefined
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

  /** Somebody pushes the arm to an angle and holds it, stronger than the motor; null lets go. */
  pushTo(degrees: number | null): void {
    this.#hand = degrees ?? undefined
  }

  /** Lets `ms` pass. @returns whether anything goes on that a next step must follow */
  step(ms: number, drive: BoltDrive): boolean {
    const wanted = this.#wantedSpeed(drive)
    if (this.#hand !== undefined) return this.#follow(this.#hand, ms, drive, wanted)
    const settles = wanted === undefined ? COASTING_MS : ACCELERATION_MS
    const target = wanted ?? 0
    this.velocity += (target - this.velocity) * (1 - Math.exp(-ms / settles))
    const free = this.#freeReach((this.velocity * ms) / 1000)
    if (free !== (this.velocity * ms) / 1000) this.velocity = 0
    this.degrees += free
    this.amps = this.#current(drive, wanted)
    this.#countMove()
    if (Math.abs(this.velocity) >= STANDSTILL || (wanted !== undefined && wanted !== 0)) return true
    this.#rest()
    return false
  }

  /** Degrees a second that the servo goes for; undefined when it is limp. */
  #wantedSpeed({ volts, commandedDegrees }: BoltDrive): number | undefined {
    if (volts <= 0 || commandedDegrees === undefined) return undefined
    const error = commandedDegrees - this.degrees
    if (Math.abs(error) < DEAD_BAND_DEGREES) return 0
    const fastest = RATED_SPEED * this.speedFactor * (volts / RATED_VOLTS)
    return Math.max(-fastest, Math.min(fastest, error * GAIN_PER_SECOND))
  }

  /** A motor draws its stall current when it stands, and the less the nearer it is to the speed that it wants. */
  #current({ volts }: BoltDrive, wanted: number | undefined): number {
    if (volts <= 0) return 0
    if (wanted === undefined) return IDLE_AMPS
    const stall = STALL_AMPS * (volts / RATED_VOLTS)
    const fastest = RATED_SPEED * this.speedFactor * (volts / RATED_VOLTS)
    // A motor that is braked draws nothing from its supply.
    const brakes = wanted * this.velocity > 0 && Math.abs(this.velocity) > Math.abs(wanted)
    const slip = brakes ? 0 : Math.abs(wanted - this.velocity) / fastest
    const friction = Math.abs(this.velocity) >= STANDSTILL ? RUNNING_AMPS : 0
    return Math.max(HOLDING_AMPS, Math.min(DRIVER_AMPS, stall * slip + friction))
  }

  #follow(hand: number, ms: number, drive: BoltDrive, wanted: number | undefined): boolean {
    const way = hand - this.degrees
    const reach = Math.min(Math.abs(way), (HAND_SPEED * ms) / 1000)
    this.degrees += Math.sign(way) * reach
    this.velocity = 0
    this.amps = this.#current(drive, wanted)
    this.#countMove()
    return way !== 0 || (wanted !== undefined && wanted !== 0)
  }

  #rest(): void {
    this.velocity = 0
    this.#restedAt = this.degrees
    this.#moveCounted = false
  }

  #countMove(): void {
    if (this.#moveCounted || Math.abs(this.degrees - this.#restedAt) < MOVE_DEGREES) return
    this.#moveCounted = true
    this.moves++
  }

  /** How much of a way is free of the obstacle, degrees. */
  #freeReach(way: number): number {
    if (this.#wedged) return 0
    if (!this.#obstacle || this.#obstacle.isAbove !== way > 0) return way
    return Math.sign(way) * Math.min(Math.abs(way), Math.abs(this.#obstacle.degrees - this.degrees))
  }
}
