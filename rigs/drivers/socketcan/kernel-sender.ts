import { constants } from 'node:os'
import { CanFrameNotCarried, CanSendQueueFull } from '../../../reference/ports/can-bus.js'
import { FrameRecords } from './frame-record.js'
import { FD_BYTES, type KernelFrame } from './kernel-frame.js'
import { NEWS, OUTGOING_FRAMES, type KernelSocket, type KernelSocketApi } from './kernel-socket.js'

const { EAGAIN, EINVAL, EMSGSIZE, ENOBUFS } = constants.errno
/** How long the interface's full queue is given before another try: poll(2) does not tell when it has room. */
const RETRY_MS = 1

interface WaitingFrame {
  readonly frame: KernelFrame
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Frames on their way into a kernel socket that sometimes has no room: none is lost, doubled or out of order. */
export class KernelSender {
  readonly #outgoing: FrameRecords
  readonly #news: Uint32Array
  #waiting: WaitingFrame[] = []
  #first = 0
  #scheduled = false
  #awaitsRoom = false
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(
    private readonly api: KernelSocketApi,
    private readonly socket: KernelSocket,
    /** Frames that may wait. */
    private readonly sendQueue: number,
    /** Called with the error number of a send that says that the interface is of no use any more. */
    private readonly broken: (error: number) => void,
  ) {
    this.#outgoing = new FrameRecords(socket.outgoing, FD_BYTES)
    this.#news = new Uint32Array(socket.news)
  }

  /** @throws CanSendQueueFull */
  requireRoom(): void {
    if (this.#waiting.length - this.#first >= this.sendQueue) throw new CanSendQueueFull(this.sendQueue)
  }

  /** Sends with the others of this turn, in one system call. */
  send(frame: KernelFrame): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frame, resolve, reject })
      if (this.#scheduled || this.#awaitsRoom || this.#timer) return
      this.#scheduled = true
      queueMicrotask(this.#pump)
    })
  }

  /** The socket has room again. */
  roomThere(): void {
    if (!this.#awaitsRoom) return
    this.#awaitsRoom = false
    this.#pump()
  }

  end(error: Error): void {
    this.#ended = true
    clearTimeout(this.#timer)
    for (const { reject } of this.#waiting.splice(0).slice(this.#first)) reject(error)
    this.#first = 0
  }

  readonly #pump = (): void => {
    this.#scheduled = false
    this.#timer = undefined
    const count = Math.min(OUTGOING_FRAMES, this.#waiting.length - this.#first)
    if (this.#ended || count === 0) return
    for (let i = 0; i < count; i++) {
      this.#outgoing.write(i, (this.#waiting[this.#first + i] as WaitingFrame).frame)
    }
    const sent = this.api.send(this.socket, 0, count)
    for (let i = 0; i < sent; i++) this.#next()?.resolve()
    if (sent < count) return this.#stopped(this.#news[NEWS.sendError] as number)
    this.#goOn()
  }

  #next(): WaitingFrame | undefined {
    const next = this.#waiting[this.#first++]
    if (this.#first === this.#waiting.length) {
      this.#waiting = []
      this.#first = 0
    } else if (this.#first > 4_096 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first)
      this.#first = 0
    }
    return next
  }

  /** Others have a turn first: a virtual bus brakes nobody, and the nodes of this thread must get to read. */
  #goOn(): void {
    if (this.#waiting.length === 0 || this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#pump)
  }

  #stopped(error: number): void {
    if (error === EAGAIN) {
      this.#awaitsRoom = true
      this.api.awaitRoom(this.socket)
    } else if (error === ENOBUFS) {
      this.#timer = setTimeout(this.#pump, RETRY_MS)
    } else if (error === EMSGSIZE || error === EINVAL) {
      this.#next()?.reject(
        new CanFrameNotCarried('the interface takes no CAN FD frames any more: its mtu was changed'),
      )
      this.#goOn()
    } else this.broken(error)
  }
}
