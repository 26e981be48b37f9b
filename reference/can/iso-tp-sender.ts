import {
  IsoTpClosed,
  IsoTpInvalidFlowStatus,
  IsoTpOverflow,
  IsoTpTimeout,
  IsoTpUnsendableLength,
  IsoTpWaitLimit,
} from './iso-tp-errors.js'
import {
  CONSECUTIVE_FRAME_BYTES,
  FIRST_FRAME_BYTES,
  FLOW_CONTINUE,
  FLOW_OVERFLOW,
  FLOW_WAIT,
  MAX_ISO_TP_BYTES,
  SINGLE_FRAME_BYTES,
  type IsoTpFlowControl,
  type IsoTpFrame,
} from './iso-tp-frame.js'

export interface IsoTpSenderOptions {
  /** N_Bs: how long to wait for a flow control, milliseconds. */
  readonly flowControlTimeoutMs: number
  /** N_WFTmax: how many waits in a row are borne. */
  readonly maxWaitFrames: number
}

/** The sending half of a link: one message at a time. */
export class IsoTpSender {
  readonly #transmit: (frame: IsoTpFrame) => Promise<void>
  readonly #options: IsoTpSenderOptions
  /** Flow control that came before it was waited for. */
  #arrived: IsoTpFlowControl | undefined
  #awaited: ((flow: IsoTpFlowControl | IsoTpClosed) => void) | undefined
  #endPause: (() => void) | undefined
  #closed = false

  constructor(transmit: (frame: IsoTpFrame) => Promise<void>, options: IsoTpSenderOptions) {
    this.#transmit = transmit
    this.#options = options
  }

  acceptFlowControl(flow: IsoTpFlowControl): void {
    if (this.#awaited) this.#awaited(flow)
    else this.#arrived = flow
  }

  close(): void {
    this.#closed = true
    this.#awaited?.(new IsoTpClosed())
    this.#endPause?.()
  }

  /** @throws IsoTpError */
  async send(payload: Uint8Array): Promise<void> {
    if (payload.length === 0 || payload.length > MAX_ISO_TP_BYTES) {
      throw new IsoTpUnsendableLength(payload.length)
    }
    if (payload.length <= SINGLE_FRAME_BYTES) return this.#out({ kind: 'single', data: payload })
    this.#arrived = undefined
    await this.#out({ kind: 'first', length: payload.length, data: payload.subarray(0, FIRST_FRAME_BYTES) })
    let flow = await this.#clearance()
    let sentInBlock = 0
    let sequence = 1
    for (let at = FIRST_FRAME_BYTES; at < payload.length; at += CONSECUTIVE_FRAME_BYTES) {
      if (flow.blockSize > 0 && sentInBlock === flow.blockSize) {
        flow = await this.#clearance()
        sentInBlock = 0
      }
      if (sentInBlock > 0) await this.#pause(flow.separationMs)
      this.#arrived = undefined
      const data = payload.subarray(at, at + CONSECUTIVE_FRAME_BYTES)
      await this.#out({ kind: 'consecutive', sequence, data })
      sequence = (sequence + 1) & 0x0f
      sentInBlock++
    }
  }

  #out(frame: IsoTpFrame): Promise<void> {
    if (this.#closed) throw new IsoTpClosed()
    return this.#transmit(frame)
  }

  /** The flow control that lets the next block go. */
  async #clearance(): Promise<IsoTpFlowControl> {
    for (let waits = 0; waits <= this.#options.maxWaitFrames; waits++) {
      const flow = await this.#nextFlowControl()
      if (flow.status === FLOW_CONTINUE) return flow
      if (flow.status === FLOW_OVERFLOW) throw new IsoTpOverflow('the receiver has no room for the message')
      if (flow.status !== FLOW_WAIT) {
        throw new IsoTpInvalidFlowStatus(`flow status ${flow.status} is none of continue, wait, overflow`)
      }
    }
    throw new IsoTpWaitLimit(`the receiver asked to wait more than ${this.#options.maxWaitFrames} times`)
  }

  #nextFlowControl(): Promise<IsoTpFlowControl> {
    const arrived = this.#arrived
    this.#arrived = undefined
    if (arrived) return Promise.resolve(arrived)
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new IsoTpClosed())
      const settle = (outcome: IsoTpFlowControl | Error) => {
        clearTimeout(timer)
        this.#awaited = undefined
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      const { flowControlTimeoutMs } = this.#options
      const timer = setTimeout(
        () => settle(new IsoTpTimeout('N_Bs', flowControlTimeoutMs)),
        flowControlTimeoutMs,
      )
      this.#awaited = settle
    })
  }

  /** STmin; timers have whole milliseconds, and the pause may be longer, never shorter. */
  #pause(separationMs: number): Promise<void> {
    if (separationMs === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.ceil(separationMs))
      this.#endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
