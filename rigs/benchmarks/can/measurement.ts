/** What a node under measurement is told, and what it answers; the same for ours and for python-can's. */

export interface PlannedFrame {
  readonly id: number
  readonly extended: boolean
  /** Hexadecimal. */
  readonly data: string
}

export interface MeasurementPlan {
  /** `both`: sender and receiver in one process, for a bus that lives in one. */
  readonly role: 'send' | 'receive' | 'both'
  /** For ours: a bus URL. For python-can: its interface. */
  readonly bus: unknown
  /** Sent in turn until `count` have been sent. */
  readonly frames: readonly PlannedFrame[]
  readonly count: number
  /** 0 for as fast as it goes. */
  readonly framesPerSecond: number
  /** Each frame carries the time at which it was given to `send`: nanoseconds of CLOCK_MONOTONIC, little endian. */
  readonly stamped: boolean
  /** So many frames pass before latency is measured. */
  readonly warmUp: number
}

export interface ReceiverFigures {
  readonly received: number
  /** Between the first and the last frame. */
  readonly seconds: number
  /** Sorted; empty unless the frames were stamped. */
  readonly latenciesNs: readonly number[]
  /** What the receiver itself reports as lost; null where it cannot know. */
  readonly lost: number | null
  readonly cpuSeconds: number
}

export interface SenderFigures {
  readonly sent: number
  readonly cpuSeconds: number
}

/** Ends a measurement: no planned frame has this id. */
export const END_ID = 0x7ff
