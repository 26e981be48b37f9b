import type { RemoteInfo, Socket } from 'node:dgram'
import { performance } from 'node:perf_hooks'
import { ownFrame, requireCarried } from '../../../reference/can/can-frame-check.js'
import type { CanReception } from '../../../reference/can/can-reception.js'
import {
  decodeCanDatagram,
  encodeCanDatagram,
  encodedSeconds,
  type CanDatagram,
} from '../../../reference/can/udp-multicast-datagram.js'
import {
  CanBusClosed,
  CanBusFault,
  CanSendQueueFull,
  DEFAULT_SEND_QUEUE,
  type CanBus,
  type CanFeatures,
  type CanFrame,
  type CanLoss,
  type CanOpenOptions,
} from '../../../reference/ports/can-bus.js'
import { OwnDatagrams } from './own-datagrams.js'
import { PacedSender } from './paced-sender.js'
import type { UdpSocketState } from './udp-drop-counter.js'

export interface UdpMulticastBus extends CanBus {
  /** Datagrams of the group that are no CAN frames, and what was wrong with the last one; nobody hears them. */
  readonly malformed: { readonly datagrams: number; readonly last?: string }
}

/** How often the kernel is asked for drops when nobody reads `lost`. */
const POLL_MS = 250

export interface UdpMulticastParts {
  /** Bound to the group's port and joined. */
  readonly receiver: Socket
  /** Connected to the group. */
  readonly sender: Socket
  readonly reception: CanReception
  /** The receiver's drops; left out where the system does not tell. */
  readonly readState: (() => UdpSocketState | undefined) | undefined
  readonly options: CanOpenOptions
}

export class UdpMulticastNode implements UdpMulticastBus {
  readonly features: CanFeatures
  readonly onFrame
  readonly onErrorFrame
  readonly onLoss
  readonly onFault
  readonly #parts: UdpMulticastParts
  readonly #own = new OwnDatagrams()
  readonly #sender: PacedSender
  readonly #ownAddress
  readonly #sendQueue: number
  readonly #poll: NodeJS.Timeout
  #waiting = 0
  #reported = 0
  #malformed: { readonly datagrams: number; readonly last?: string } = { datagrams: 0 }
  #lastUs = 0
  #lastMark = 0
  #closed: Promise<void> | undefined

  constructor(parts: UdpMulticastParts) {
    this.#parts = parts
    const { receiver, sender, reception, readState, options } = parts
    this.onFrame = reception.onFrame
    this.onErrorFrame = reception.onErrorFrame
    this.onLoss = reception.onLoss
    this.onFault = reception.onFault
    this.#sendQueue = options.sendQueue ?? DEFAULT_SEND_QUEUE
    this.#sender = new PacedSender(sender)
    this.#ownAddress = sender.address()
    this.features = {
      fd: true,
      remote: true,
      rawDlc: false,
      errorFrames: true,
      timestamps: 'host',
      // The kernel counts what it drops, not what a filter would have kept out of it.
      countsLoss: readState !== undefined && options.filters === undefined,
      backEnd: `UDP multicast, Node ${process.versions.node} dgram`,
    }
    receiver.on('message', (bytes, from) => this.#receive(bytes, from))
    receiver.on('error', (error) => this.#fail(error))
    sender.on('error', (error) => this.#fail(error))
    this.#poll = setInterval(() => this.#countDrops(), POLL_MS).unref()
  }

  get lost(): CanLoss {
    if (!this.#closed) this.#countDrops()
    return this.#parts.reception.lost
  }

  get malformed() {
    return this.#malformed
  }

  async send(frame: CanFrame): Promise<void> {
    const { reception } = this.#parts
    if (this.#closed) throw new CanBusClosed()
    if (reception.fault) throw reception.fault
    const own = ownFrame(frame)
    requireCarried(own, this.features)
    if (this.#waiting >= this.#sendQueue) throw new CanSendQueueFull(this.#sendQueue)
    this.#waiting++
    // The sender's time, never twice the same: it also marks the datagram.
    const mark = (this.#lastMark = Math.max(this.#lastMark + 1, nowUs()))
    const datagram = encodeCanDatagram(own, mark / 1_000_000)
    this.#own.sent(mark)
    return new Promise((resolve, reject) => {
      this.#sender.send(datagram, (error) => {
        this.#waiting--
        if (!error) return resolve()
        this.#own.unsent(mark)
        reject(this.#refusal(error))
      })
    })
  }

  #refusal(error: NodeJS.ErrnoException): Error {
    if (this.#closed) return new CanBusClosed()
    // The network's own queue is full; the frame is not in it.
    if (error.code === 'ENOBUFS' || error.code === 'EAGAIN') return new CanSendQueueFull(this.#waiting)
    return this.#fail(error)
  }

  #fail(error: Error): CanBusFault {
    const fault = new CanBusFault(`the multicast group is out of reach: ${error.message}`, { cause: error })
    this.#parts.reception.fail(fault)
    return fault
  }

  #receive(bytes: Uint8Array, { address, port }: RemoteInfo): void {
    const own = port === this.#ownAddress.port && address === this.#ownAddress.address
    if (own) this.#own.cameBack(Math.round(encodedSeconds(bytes) * 1_000_000))
    const { reception, options } = this.#parts
    if (own && !options.receiveOwn) return
    let datagram: CanDatagram
    try {
      datagram = decodeCanDatagram(bytes)
    } catch (error) {
      this.#malformed = { datagrams: this.#malformed.datagrams + 1, last: (error as Error).message }
      return
    }
    const { frame, error } = datagram
    const timestampUs = (this.#lastUs = Math.max(this.#lastUs, nowUs()))
    if (error) reception.deliverError({ ...error, timestampUs })
    if (frame) reception.deliver({ ...frame, timestampUs, ...(own ? { own } : {}) })
  }

  /** What the kernel dropped, less what the node would not have heard: its own frames. */
  #countDrops(): void {
    const { reception, readState, options } = this.#parts
    const state = readState?.()
    if (!state) return
    const own = options.receiveOwn ? { away: 0, dropped: 0 } : this.#own
    // Nothing is on its way once the buffer is empty: a datagram to this machine arrives while it is sent.
    if (state.queuedBytes === 0 && this.#waiting === 0) this.#own.noneUnderWay()
    const lost = state.drops - own.dropped - own.away
    if (lost <= this.#reported) return
    const exact = this.features.countsLoss
    reception.countLost(exact ? lost - this.#reported : 1, exact)
    this.#reported = lost
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#end())
  }

  async #end(): Promise<void> {
    this.#countDrops()
    clearInterval(this.#poll)
    const { receiver, sender, reception } = this.#parts
    reception.end()
    this.#sender.end()
    await Promise.all(
      [receiver, sender].map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))),
    )
  }
}

/** Whole microseconds since 1970, from a clock that is finer than Date. */
const nowUs = () => Math.round((performance.timeOrigin + performance.now()) * 1_000)
