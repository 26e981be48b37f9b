import { performance } from 'node:perf_hooks'

/** `real`: the bus keeps up with the wall clock. `virtual`: its time goes by as fast as the processor can carry it. */
export type Pace = 'real' | 'virtual'

interface Alarm {
  readonly atUs: number
  readonly ring: () => void
}

/**
 * The time of a bus, microseconds since it began: which moment it has come to, what is to happen later, and the turns
 * of the event loop in which it goes on.
 */
export class BusTime {
  readonly #startedAt = performance.now()
  /** The soonest last. */
  readonly #alarms: Alarm[] = []
  #nowUs = 0
  #turn: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  /** True while what is done belongs to the moment that the bus has come to, however late it is by the wall clock. */
  #settling = false

  /**
   * @param proceed what the bus does in its next turn
   * @param frameEndUs when the frame on the wire ends; Infinity where there is none
   */
  constructor(
    readonly pace: Pace,
    private readonly proceed: () => void,
    private readonly frameEndUs: () => number,
  ) {}

  /** The moment at which something that a node does now happens on the bus: never behind what it has not done yet. */
  get nowUs(): number {
    if (this.#settling || this.pace === 'virtual') return this.#nowUs
    return Math.max(this.#nowUs, Math.min(this.#wallUs(), this.frameEndUs(), this.nextAlarmUs))
  }

  /** Whether the bus may come to that moment. */
  isDue(atUs: number): boolean {
    return this.pace === 'virtual' || atUs <= this.#wallUs()
  }

  /** The bus comes to a moment that is due. */
  moveTo(atUs: number): void {
    this.#nowUs = Math.max(this.#nowUs, atUs)
  }

  get nextAlarmUs(): number {
    return this.#alarms.at(-1)?.atUs ?? Infinity
  }

  /** Those of the same moment ring in the order in which they were set. */
  setAlarm(atUs: number, ring: () => void): void {
    let place = this.#alarms.length
    while (place > 0 && (this.#alarms[place - 1] as Alarm).atUs <= atUs) place--
    this.#alarms.splice(place, 0, { atUs, ring })
    this.wake()
  }

  ringNext(): void {
    this.#alarms.pop()?.ring()
  }

  /**
   * The bus goes on a turn of the event loop later: frames that are sent in one turn compete, however long this process
   * takes over it, and those who answer a frame take part in the arbitration after it.
   */
  wake(): void {
    if (this.#turn) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#nowUs = this.nowUs
    this.settle()
  }

  /** Like `wake`, at the moment that the bus has come to. */
  settle(): void {
    this.#settling = true
    this.#turn = setImmediate(() => {
      this.#turn = undefined
      this.#settling = false
      this.proceed()
    })
  }

  /** The bus goes on when a moment of the wall clock has come, or when it is woken. */
  wakeAt(atUs: number): void {
    const remainingMs = Math.ceil((atUs - this.#wallUs()) / 1_000)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.proceed()
    }, remainingMs)
  }

  forgetAlarms(): void {
    this.#alarms.length = 0
  }

  #wallUs(): number {
    return (performance.now() - this.#startedAt) * 1_000
  }
}
