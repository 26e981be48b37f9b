import { IsoTpDeadline } from './iso-tp-deadline.js'
import {
  IsoTpClosed,
  IsoTpInvalidFlowStatus,
  IsoTpOverflow,
  IsoTpTimeout,
  IsoTpUnsendableLength,
  IsoTpWaitLimit,
} from './iso-tp-errors.js'
import {
  consecutiveCapacity,
  firstCapacity,
  FLOW_CONTINUE,
  FLOW_OVERFLOW,
  FLOW_WAIT,
  singleCapacity,
  type IsoTpFlowControl,
  type IsoTpFrame,
} from './iso-tp-frame.js'
import type { IsoTpSenderOptions } from './iso-tp-options.js'

export interface IsoTpSenderLine {
  transmit(frame: IsoTpFrame): Promise<void>
  /** TX_DL. */
  readonly frameBytes: number
  readonly addressBytes: 0 | 1
}

/** A message under way. */
interface Transfer {
  readonly payload: Uint8Array
  /** Bytes that have been handed to the bus. */
  at: number
  sequence: number
  /** Consecutive frames since the last flow control. */
  inBlock: number
  blockSize: number
  separationUs: number
  /** When the bus had taken the last consecutive frame. */
  lastUs: number | undefined
  /** Whether the last frame asks for a flow control that has not come. */
  awaitsFlow: boolean
  /** Whether the bus has taken the last frame. */
  taken: boolean
  /** In a row. */
  waits: number
  readonly settle: (error?: Error) => void
}

/** On a bus that takes frames at once a long message would not let anything else run: a turn is given now and then. */
const FRAMES_IN_A_TURN = 1_024

/** The sending half of a link: one message at a time. */
export class IsoTpSender {
  readonly #line: IsoTpSenderLine
  readonly #options: IsoTpSenderOptions
  readonly #deadline: IsoTpDeadline
  #transfer: Transfer | undefined
  #endPause: (() => void) | undefined
  #framesInTurn = 0
  #closed = false

  constructor(line: IsoTpSenderLine, options: IsoTpSenderOptions) {
    this.#line = line
    this.#options = options
    this.#deadline = new IsoTpDeadline(options.clock, (timer, timeoutMs) =>
      this.#end(new IsoTpTimeout(timer, timeoutMs)),
    )
  }

  /** Whether a message of several frames is under way. */
  get segmenting(): boolean {
    return this.#transfer !== undefined && !this.#isSingle(this.#transfer.payload)
  }

  /** 9.8.3: a flow control that nothing waits for is ignored. */
  acceptFlowControl(flow: IsoTpFlowControl): void {
    const transfer = this.#transfer
    if (!transfer?.awaitsFlow) return
    switch (flow.status) {
      case FLOW_CONTINUE:
        transfer.awaitsFlow = false
        transfer.waits = 0
        transfer.inBlock = 0
        transfer.blockSize = flow.blockSize
        transfer.separationUs = flow.separationUs
        // It may come before the bus says that it has taken what it answers.
        if (transfer.taken) this.#proceed(transfer)
        return
      case FLOW_WAIT:
        if (++transfer.waits > this.#options.maxWaitFrames) {
          const limit = this.#options.maxWaitFrames
          return this.#end(new IsoTpWaitLimit(`the receiver asked to wait more than ${limit} times`))
        }
        if (transfer.taken) this.#deadline.start('N_Bs', this.#options.flowControlTimeoutMs)
        return
      case FLOW_OVERFLOW:
        return this.#end(new IsoTpOverflow('the receiver has no room for the message'))
      default:
        return this.#end(
          new IsoTpInvalidFlowStatus(`flow status ${flow.status} is none of continue, wait, overflow`),
        )
    }
  }

  close(): void {
    this.#closed = true
    this.#end(new IsoTpClosed())
  }

  /** @throws IsoTpError, or what the bus throws */
  send(payload: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const { maxBytes } = this.#options
      if (this.#closed) throw new IsoTpClosed()
      if (payload.length === 0 || payload.length > maxBytes) {
        throw new IsoTpUnsendableLength(payload.length, maxBytes)
      }
      this.#begin({
        payload,
        at: 0,
        sequence: 0,
        inBlock: 0,
        blockSize: 0,
        separationUs: 0,
        lastUs: undefined,
        awaitsFlow: false,
        taken: false,
        waits: 0,
        settle: (error) => (error ? reject(error) : resolve()),
      })
    })
  }

  #isSingle(payload: Uint8Array): boolean {
    return payload.length <= singleCapacity(this.#line.frameBytes, this.#line.addressBytes)
  }

  #begin(transfer: Transfer): void {
    this.#transfer = transfer
    const { payload } = transfer
    const { length } = payload
    if (this.#isSingle(payload)) {
      transfer.at = length
      return this.#put(transfer, { kind: 'single', data: payload })
    }
    const { frameBytes, addressBytes } = this.#line
    transfer.at = firstCapacity(length, frameBytes, addressBytes)
    transfer.awaitsFlow = true
    this.#put(transfer, { kind: 'first', length, data: payload.subarray(0, transfer.at), frameBytes })
  }

  #putConsecutive(transfer: Transfer): void {
    const { frameBytes, addressBytes } = this.#line
    const { payload, at } = transfer
    const data = payload.subarray(at, at + consecutiveCapacity(frameBytes, addressBytes))
    transfer.at += data.length
    transfer.sequence = (transfer.sequence + 1) & 0x0f
    transfer.inBlock++
    transfer.awaitsFlow = transfer.inBlock === transfer.blockSize && transfer.at < payload.length
    this.#put(transfer, { kind: 'consecutive', sequence: transfer.sequence, data, frameBytes })
  }

  #put(transfer: Transfer, frame: IsoTpFrame): void {
    transfer.taken = false
    this.#deadline.start('N_As', this.#options.transmitTimeoutMs)
    this.#line.transmit(frame).then(
      () => {
        if (this.#transfer !== transfer) return
        if (frame.kind === 'consecutive') transfer.lastUs = this.#options.clock.nowUs()
        this.#afterTaken(transfer)
      },
      (error: unknown) => {
        if (this.#transfer === transfer) this.#end(error as Error)
      },
    )
  }

  #afterTaken(transfer: Transfer): void {
    transfer.taken = true
    if (transfer.at === transfer.payload.length) return this.#end()
    if (transfer.awaitsFlow) return this.#deadline.start('N_Bs', this.#options.flowControlTimeoutMs)
    this.#proceed(transfer)
  }

  /** Two consecutive frames are STmin apart from the end of one to the start of the next, in whatever blocks. */
  #proceed(transfer: Transfer): void {
    const { clock } = this.#options
    const { separationUs, lastUs } = transfer
    const waitUs = separationUs === 0 || lastUs === undefined ? 0 : lastUs + separationUs - clock.nowUs()
    if (waitUs <= 0 && ++this.#framesInTurn < FRAMES_IN_A_TURN) return this.#putConsecutive(transfer)
    this.#framesInTurn = 0
    this.#deadline.stop()
    this.#endPause = clock.after(Math.max(0, waitUs), () => this.#putConsecutive(transfer))
  }

  #end(error?: Error): void {
    const transfer = this.#transfer
    if (!transfer) return
    this.#transfer = undefined
    this.#deadline.stop()
    this.#endPause?.()
    this.#endPause = undefined
    transfer.settle(error)
  }
}
