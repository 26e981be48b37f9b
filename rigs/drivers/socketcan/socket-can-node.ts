import type { Worker } from 'node:worker_threads'
import { ownFrame, requireCarried } from '../../../reference/can/can-frame-check.js'
import { CanReception } from '../../../reference/can/can-reception.js'
import {
  CanBusClosed,
  CanBusFault,
  CanSendQueueFull,
  type CanBus,
  type CanFeatures,
  type CanFrame,
  type CanLoss,
} from '../../../reference/ports/can-bus.js'
import { deliverKernelFrame } from './deliver-kernel-frame.js'
import { packFrames } from './frame-record.js'
import type { FrameRing } from './frame-ring.js'
import { kernelFrameOf, type KernelFrame } from './kernel-frame.js'
import type { Refusal, WorkerAnswer, WorkerRequest } from './worker-protocol.js'

/** Frames that listeners get before others have their turn of the event loop. */
const DELIVERED_IN_ONE_GO = 512
/** How long the worker may take to leave the bus before it is ended by force. */
const CLOSING_MS = 5_000

interface PendingSend {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** The main thread's half of a SocketCAN node. */
export class SocketCanNode implements CanBus {
  /** Resolves when the worker is on the bus, or with the reason why it is not; rejects when it failed. */
  readonly opened: Promise<Refusal | undefined>
  /** The worker has filtered already, so that what is not wanted takes no room in the ring. */
  readonly #reception = new CanReception({ receiveOwn: true })
  /** Resolves when the worker's thread is gone, and all that it held. */
  readonly #gone: Promise<void>
  #pending: PendingSend[] = []
  #firstPending = 0
  #batch: KernelFrame[] = []
  #told = { sent: 0, lost: 0 }
  #closing: Promise<void> | undefined

  constructor(
    private readonly worker: Worker,
    private readonly ring: FrameRing,
    readonly features: CanFeatures,
    private readonly sendQueue: number,
    private readonly url: string,
  ) {
    this.opened = new Promise((resolve, reject) => {
      worker.on('message', (answer: WorkerAnswer) => {
        if (answer.kind === 'wake') this.#drain()
        else if (answer.kind === 'fault') this.#fail(answer.problem)
        else resolve(answer.kind === 'refused' ? answer.refusal : undefined)
      })
      this.#reception.onFault(reject)
    })
    worker.on('error', (error) => this.#fail(`its worker failed: ${error.message}`, error))
    this.#gone = new Promise((resolve) => {
      worker.on('exit', () => {
        if (!this.#closing) this.#fail('its worker has ended')
        resolve()
      })
    })
  }

  readonly onFrame: CanBus['onFrame'] = (listener) => this.#reception.onFrame(listener)
  readonly onErrorFrame: CanBus['onErrorFrame'] = (listener) => this.#reception.onErrorFrame(listener)
  readonly onLoss: CanBus['onLoss'] = (listener) => this.#reception.onLoss(listener)
  readonly onFault: CanBus['onFault'] = (listener) => this.#reception.onFault(listener)

  get lost(): CanLoss {
    return this.#reception.lost
  }

  async send(frame: CanFrame): Promise<void> {
    const own = ownFrame(frame)
    requireCarried(own, this.features)
    if (this.#closing) throw new CanBusClosed()
    if (this.#reception.fault) throw this.#reception.fault
    if (this.#pending.length - this.#firstPending >= this.sendQueue)
      throw new CanSendQueueFull(this.sendQueue)
    if (this.#batch.length === 0) queueMicrotask(() => this.#flush())
    this.#batch.push(kernelFrameOf(own))
    return new Promise((resolve, reject) => this.#pending.push({ resolve, reject }))
  }

  close(): Promise<void> {
    this.#closing ??= this.#leave()
    return this.#closing
  }

  #flush(): void {
    const frames = packFrames(this.#batch)
    this.#batch = []
    this.worker.postMessage({ kind: 'send', frames } satisfies WorkerRequest, [frames])
  }

  #drain(): void {
    let room = DELIVERED_IN_ONE_GO
    while (!this.#closing) {
      // Whatever was lost before one of these frames is in the counts by now, and is told before it.
      const waiting = this.ring.length
      this.#readCounts()
      if (waiting === 0) {
        this.ring.sleep()
        if (this.ring.length === 0) return this.#readCounts()
      }
      for (let left = Math.min(waiting, room); left > 0; left--) this.#deliver()
      room -= waiting
      if (room <= 0) {
        setImmediate(() => this.#drain())
        return
      }
    }
  }

  #deliver(): void {
    const frame = this.ring.shift()
    if (frame) deliverKernelFrame(this.#reception, frame)
  }

  #readCounts(): void {
    const { sent, lost, exact } = this.ring.counts()
    const newlySent = (sent - this.#told.sent) >>> 0
    const newlyLost = (lost - this.#told.lost) >>> 0
    this.#told = { sent, lost }
    this.#reception.countLost(newlyLost, exact)
    for (let at = 0; at < newlySent; at++) this.#pending[this.#firstPending++]?.resolve()
    if (this.#firstPending * 2 > this.#pending.length) {
      this.#pending = this.#pending.slice(this.#firstPending)
      this.#firstPending = 0
    }
  }

  #rejectPending(error: Error): void {
    const pending = this.#pending.slice(this.#firstPending)
    this.#pending = []
    this.#firstPending = 0
    for (const { reject } of pending) reject(error)
  }

  #fail(problem: string, cause?: unknown): void {
    if (this.#closing || this.#reception.fault) return
    this.#drain()
    const fault = new CanBusFault(`${this.url}: ${problem}`, { cause })
    this.#reception.fail(fault)
    this.#rejectPending(fault)
  }

  async #leave(): Promise<void> {
    this.#readCounts()
    this.#reception.end()
    this.#rejectPending(new CanBusClosed())
    const force = setTimeout(() => void this.worker.terminate(), CLOSING_MS)
    this.worker.postMessage({ kind: 'close' } satisfies WorkerRequest)
    await this.#gone
    clearTimeout(force)
  }
}
