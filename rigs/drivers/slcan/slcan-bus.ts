import type { InvalidSlcanLine } from '../../../reference/can/slcan-line.js'
import type { CanBus } from '../../../reference/ports/can-bus.js'

export interface SlcanSettings {
  /** Names the bus in errors. */
  readonly url: string
  /** Bits a second of the bus: one of S0…S8. */
  readonly bitrate: number
  /** Bits a second of FD frames' data phase, for firmware that has them: then the node carries FD frames. */
  readonly dataBitrate?: number
  /** Sends nothing, not even an acknowledge. */
  readonly listenOnly: boolean
}

/** How long things may take, milliseconds of wall time. */
export interface SlcanPatience {
  /** An answer of the adapter; 1,000 unless told. */
  readonly answerMs?: number
  /** An adapter may refuse frames, e.g. because nobody on the bus acknowledges them; 2,000 unless told. */
  readonly refusalMs?: number
  /** Between two readings of the status flags; 1,000 unless told. */
  readonly statusMs?: number
}

export interface SlcanBus extends CanBus {
  /** Lines that were no SLCAN: how many, and the last. */
  readonly garbage: { readonly lines: number; readonly last?: InvalidSlcanLine }
}
