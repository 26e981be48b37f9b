import { IsoTpBuffer } from './iso-tp-buffer.js'
import { IsoTpDeadline } from './iso-tp-deadline.js'
import {
  IsoTpError,
  IsoTpInterrupted,
  IsoTpOverflow,
  IsoTpTimeout,
  IsoTpWaitLimit,
  IsoTpWrongSequence,
} from './iso-tp-errors.js'
import {
  FLOW_CONTINUE,
  FLOW_OVERFLOW,
  FLOW_WAIT,
  type IsoTpConsecutive,
  type IsoTpFirst,
  type IsoTpFlowControl,
  type IsoTpFrame,
} from './iso-tp-frame.js'
import type { IsoTpReceiverOptions } from './iso-tp-options.js'

/** A message under way. */
interface Reception {
  readonly buffer: IsoTpBuffer
  /** RX_DL. */
  readonly frameBytes: number
  sequence: number
  inBlock: number
  /** Whether the sender has been told to go on: before that no consecutive frame is due. */
  cleared: boolean
  /** Flow controls sent for it. */
  flows: number
  /** Waits in a row. */
  waits: number
}

export interface IsoTpReceiverLine {
  transmit(frame: IsoTpFlowControl): Promise<void>
  message(payload: Uint8Array): void
  fault(error: IsoTpError): void
  /** No message is under way any more. */
  idle(): void
}

/** The receiving half of a link. */
export class IsoTpReceiver {
  readonly #line: IsoTpReceiverLine
  readonly #options: IsoTpReceiverOptions
  readonly #deadline: IsoTpDeadline
  #reception: Reception | undefined
  #endWait: (() => void) | undefined
  #paused = false
  #closed = false

  constructor(line: IsoTpReceiverLine, options: IsoTpReceiverOptions) {
    this.#line = line
    this.#options = options
    this.#deadline = new IsoTpDeadline(options.clock, (timer, timeoutMs) =>
      this.#give(new IsoTpTimeout(timer, timeoutMs)),
    )
  }

  /** Whether a message of several frames is under way. */
  get segmenting(): boolean {
    return this.#reception !== undefined
  }

  accept(frame: Exclude<IsoTpFrame, IsoTpFlowControl>): void {
    if (frame.kind === 'consecutive') return this.#continue(frame)
    // 9.8.3: a new message ends the one under way.
    if (this.#reception) this.#give(new IsoTpInterrupted())
    if (frame.kind === 'single') return this.#line.message(frame.data.slice())
    this.#begin(frame)
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    const reception = this.#reception
    if (reception && !reception.cleared) this.#clear(reception)
  }

  close(): void {
    this.#closed = true
    this.#drop()
  }

  #begin({ length, data, frameBytes }: IsoTpFirst): void {
    const { maxBytes } = this.#options
    if (length > maxBytes) {
      this.#flow(FLOW_OVERFLOW)
      return this.#line.fault(
        new IsoTpOverflow(`a message of ${length} bytes exceeds the ${maxBytes} taken here`),
      )
    }
    const reception: Reception = {
      buffer: new IsoTpBuffer(length),
      frameBytes,
      sequence: 1,
      inBlock: 0,
      cleared: false,
      flows: 0,
      waits: 0,
    }
    reception.buffer.append(data)
    this.#reception = reception
    this.#clear(reception)
  }

  #continue({ sequence, data, frameBytes }: IsoTpConsecutive): void {
    const reception = this.#reception
    if (!reception?.cleared) return // 9.8.3: ignored when none is due
    const { buffer } = reception
    // 9.6.4.2: as long as the first frame, except the last one, which has to hold what is missing.
    if (frameBytes > reception.frameBytes) return
    if (frameBytes < reception.frameBytes && data.length < buffer.missing) return
    if (sequence !== reception.sequence) {
      return this.#give(new IsoTpWrongSequence(reception.sequence, sequence))
    }
    buffer.append(data)
    if (buffer.missing === 0) {
      this.#drop()
      return this.#line.message(buffer.whole())
    }
    reception.sequence = (reception.sequence + 1) & 0x0f
    if (++reception.inBlock !== this.#options.blockSize) return this.#awaitConsecutive()
    this.#clear(reception)
  }

  /** Lets the next block come, or asks its sender to wait and looks again later. */
  #clear(reception: Reception): void {
    this.#endWait?.()
    this.#endWait = undefined
    reception.cleared = !this.#paused
    if (reception.cleared) {
      reception.inBlock = 0
      reception.waits = 0
      return this.#flow(FLOW_CONTINUE)
    }
    const { maxWaitFramesSent, waitIntervalMs, clock } = this.#options
    if (reception.waits === maxWaitFramesSent) {
      return this.#give(
        new IsoTpWaitLimit(
          `the link is paused still, after ${maxWaitFramesSent} waits were sent; the message is dropped`,
        ),
      )
    }
    reception.waits++
    this.#flow(FLOW_WAIT)
    this.#endWait = clock.after(waitIntervalMs * 1_000, () => this.#clear(reception))
  }

  #flow(status: number): void {
    const { blockSize, separationMs, transmitTimeoutMs } = this.#options
    const reception = this.#reception
    const flows = reception ? ++reception.flows : 0
    if (reception) this.#deadline.start('N_Ar', transmitTimeoutMs)
    const separationUs = Math.round(separationMs * 1_000)
    this.#line.transmit({ kind: 'flow-control', status, blockSize, separationUs }).then(
      () => {
        if (!reception || reception !== this.#reception || flows !== reception.flows) return
        if (reception.cleared) this.#awaitConsecutive()
        else this.#deadline.stop()
      },
      (cause: unknown) => {
        if (this.#closed || reception !== this.#reception) return
        this.#give(new IsoTpError('the flow control could not be sent; the message is dropped', { cause }))
      },
    )
  }

  #awaitConsecutive(): void {
    this.#deadline.start('N_Cr', this.#options.consecutiveTimeoutMs)
  }

  /** Gives up the message under way, if there is one, and says why. */
  #give(error: IsoTpError): void {
    this.#drop()
    this.#line.fault(error)
  }

  #drop(): void {
    const wasUnderWay = this.#reception !== undefined
    this.#reception = undefined
    this.#deadline.stop()
    this.#endWait?.()
    this.#endWait = undefined
    if (wasUnderWay) this.#line.idle()
  }
}
