import {
  IsoTpInterrupted,
  IsoTpOverflow,
  IsoTpTimeout,
  IsoTpWrongSequence,
  type IsoTpError,
} from './iso-tp-errors.js'
import {
  CONSECUTIVE_FRAME_BYTES,
  FLOW_CONTINUE,
  FLOW_OVERFLOW,
  type IsoTpFlowControl,
  type IsoTpFrame,
} from './iso-tp-frame.js'

export interface IsoTpReceiverOptions {
  /** N_Cr: how long to wait for the next consecutive frame, milliseconds. */
  readonly consecutiveTimeoutMs: number
  /** Asked of the sender: consecutive frames until the next flow control, 0 for all. */
  readonly blockSize: number
  /** STmin asked of the sender, milliseconds: 0…127, or 0.1…0.9. */
  readonly separationMs: number
  /** Longest message that is taken, bytes. */
  readonly maxBytes: number
}

interface Reception {
  readonly payload: Uint8Array
  filled: number
  sequence: number
  inBlock: number
  timer: NodeJS.Timeout
}

export interface IsoTpReceiverLine {
  flowControl(frame: IsoTpFlowControl): void
  message(payload: Uint8Array): void
  fault(error: IsoTpError): void
}

/** The receiving half of a link. */
export class IsoTpReceiver {
  readonly #line: IsoTpReceiverLine
  readonly #options: IsoTpReceiverOptions
  #reception: Reception | undefined

  constructor(line: IsoTpReceiverLine, options: IsoTpReceiverOptions) {
    this.#line = line
    this.#options = options
  }

  accept(frame: Exclude<IsoTpFrame, IsoTpFlowControl>): void {
    if (frame.kind === 'consecutive') return this.#continue(frame.sequence, frame.data)
    // 9.8.3: a new message ends the one under way.
    if (this.#drop()) this.#line.fault(new IsoTpInterrupted())
    if (frame.kind === 'single') return this.#line.message(frame.data)
    if (frame.length > this.#options.maxBytes) {
      this.#flow(FLOW_OVERFLOW)
      return this.#line.fault(
        new IsoTpOverflow(
          `a message of ${frame.length} bytes exceeds the ${this.#options.maxBytes} taken here`,
        ),
      )
    }
    const payload = new Uint8Array(frame.length)
    payload.set(frame.data)
    const timer = this.#startTimer()
    this.#reception = { payload, filled: frame.data.length, sequence: 1, inBlock: 0, timer }
    this.#flow(FLOW_CONTINUE)
  }

  close(): void {
    this.#drop()
  }

  #continue(sequence: number, data: Uint8Array): void {
    const reception = this.#reception
    if (!reception) return // 9.8.3: ignored when none is due
    const { payload } = reception
    const due = Math.min(CONSECUTIVE_FRAME_BYTES, payload.length - reception.filled)
    if (data.length < due) return // 9.6.4: too short to be one; the timer will tell
    if (sequence !== reception.sequence) {
      this.#drop()
      return this.#line.fault(new IsoTpWrongSequence(reception.sequence, sequence))
    }
    payload.set(data.subarray(0, due), reception.filled)
    reception.filled += due
    if (reception.filled === payload.length) {
      this.#drop()
      return this.#line.message(payload)
    }
    reception.sequence = (reception.sequence + 1) & 0x0f
    clearTimeout(reception.timer)
    reception.timer = this.#startTimer()
    reception.inBlock++
    if (reception.inBlock === this.#options.blockSize) {
      reception.inBlock = 0
      this.#flow(FLOW_CONTINUE)
    }
  }

  #flow(status: number): void {
    const { blockSize, separationMs } = this.#options
    this.#line.flowControl({ kind: 'flow-control', status, blockSize, separationMs })
  }

  #startTimer(): NodeJS.Timeout {
    const { consecutiveTimeoutMs } = this.#options
    return setTimeout(() => {
      this.#drop()
      this.#line.fault(new IsoTpTimeout('N_Cr', consecutiveTimeoutMs))
    }, consecutiveTimeoutMs)
  }

  /** @returns whether a message was under way */
  #drop(): boolean {
    const reception = this.#reception
    this.#reception = undefined
    if (reception) clearTimeout(reception.timer)
    return reception !== undefined
  }
}
