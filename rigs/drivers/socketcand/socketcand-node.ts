import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { ownFrame, requireCarried } from '../../../reference/can/can-frame-check.js'
import type { CanReception } from '../../../reference/can/can-reception.js'
import { formatSend, SocketcandSyntaxError } from '../../../reference/can/socketcand-frames.js'
import { parseEvent, type SocketcandEvent } from '../../../reference/can/socketcand-messages.js'
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
import type { SocketcandAddress, SocketcandConnection } from './connect-socketcand.js'

interface Waiting {
  readonly frame: CanFrame
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** How long a server may take over what it has been sent when the node closes. */
const FAREWELL_MS = 1_000

export class SocketcandNode implements CanBus {
  readonly features: CanFeatures
  readonly onFrame
  readonly onErrorFrame
  readonly onLoss
  readonly onFault
  readonly #connection: SocketcandConnection
  readonly #sendQueue: number
  readonly #waiting = new Set<Waiting>()
  #batch: Waiting[] = []
  #lastUs = 0
  /** What the server said last that was no frame: it explains the end of the connection. */
  #lastError = ''
  #hasSent = false
  /** What the server had against something that was sent. */
  #refusal: string | undefined
  /** Called when the server has done all that it was asked before. */
  #onEcho: () => void = () => undefined
  #closed: Promise<void> | undefined

  constructor(
    private readonly address: SocketcandAddress,
    connection: SocketcandConnection,
    private readonly reception: CanReception,
    options: CanOpenOptions,
  ) {
    this.#connection = connection
    this.onFrame = reception.onFrame
    this.onErrorFrame = reception.onErrorFrame
    this.onLoss = reception.onLoss
    this.onFault = reception.onFault
    this.#sendQueue = options.sendQueue ?? DEFAULT_SEND_QUEUE
    const { socket, offer } = connection
    this.features = {
      fd: offer?.fd ?? false,
      remote: offer?.remote ?? false,
      rawDlc: false,
      errorFrames: offer?.errorFrames ?? false,
      timestamps: 'server',
      countsLoss: offer?.countsLoss ?? false,
      backEnd: `${offer ? "Lockstep's server" : 'socketcand'} at ${address.host}:${address.port}`,
    }
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', (error) => this.#fail(error.message, error))
    socket.on('close', () => this.#fail(this.#lastError || 'the server ended it'))
    if (socket.closed) this.#fail('the server ended it')
  }

  get lost(): CanLoss {
    const { lost } = this.reception
    return this.features.countsLoss ? lost : { ...lost, exact: false }
  }

  async send(frame: CanFrame): Promise<void> {
    if (this.#closed) throw new CanBusClosed()
    if (this.reception.fault) throw this.reception.fault
    const own = ownFrame(frame)
    requireCarried(own, this.features)
    if (this.#waiting.size >= this.#sendQueue) throw new CanSendQueueFull(this.#sendQueue)
    return new Promise((resolve, reject) => {
      const waiting = { frame: own, resolve, reject }
      this.#waiting.add(waiting)
      this.#batch.push(waiting)
      if (this.#batch.length === 1) queueMicrotask(() => this.#write())
    })
  }

  /** What is sent in one turn goes out in one piece; it is sent when the system has taken it. */
  #write(): void {
    const batch = this.#batch
    this.#batch = []
    const { socket, offer } = this.#connection
    if (!socket.writable) return
    this.#hasSent = true
    socket.write(batch.map(({ frame }) => formatSend(frame)).join(''), 'latin1', (error) => {
      // The end of the connection, which follows, refuses them all.
      if (error) return
      for (const waiting of batch) {
        this.#waiting.delete(waiting)
        waiting.resolve()
        // socketcand echoes nothing; a server of ours tells own frames once they are on the bus.
        if (!offer) this.#deliverOwn(waiting.frame)
      }
    })
  }

  #deliverOwn(frame: CanFrame): void {
    const timestampUs = this.#stamp(Math.round((performance.timeOrigin + performance.now()) * 1_000))
    this.reception.deliver({ ...frame, timestampUs, own: true })
  }

  #stamp(timestampUs: number): number {
    return (this.#lastUs = Math.max(this.#lastUs, timestampUs))
  }

  #read(chunk: Buffer): void {
    const { stream } = this.#connection
    const garbageBefore = stream.garbage
    const elements = stream.push(chunk)
    // What stands between elements, or of one whose end is missing, may have been a frame, too.
    if (stream.garbage > garbageBefore) this.reception.countLost(1, false)
    for (const element of elements) {
      let event: SocketcandEvent
      try {
        event = parseEvent(element)
      } catch (error) {
        if (!(error instanceof SocketcandSyntaxError)) throw error
        // It may have been a frame: nobody can know.
        this.reception.countLost(1, false)
        continue
      }
      this.#take(event)
    }
  }

  #take(event: SocketcandEvent): void {
    switch (event.kind) {
      case 'frame':
        return this.reception.deliver({ ...event.frame, timestampUs: this.#stamp(event.frame.timestampUs) })
      case 'error-frame':
        return this.reception.deliverError({
          ...event.frame,
          timestampUs: this.#stamp(event.frame.timestampUs),
        })
      case 'lost':
        return this.reception.countLost(event.frames, event.exact)
      case 'error':
        this.#lastError = event.text
        if (this.#hasSent) this.#refusal = event.text
        return
      case 'echo':
        return this.#onEcho()
      case 'hi':
      case 'ok':
      case 'offer':
        return
    }
  }

  #fail(problem: string, cause?: Error): void {
    if (this.#closed) return
    const fault = new CanBusFault(`the connection to ${this.address.url} has ended: ${problem}`, { cause })
    this.reception.fail(fault)
    this.#refuse(this.reception.fault ?? fault)
  }

  #refuse(error: Error): void {
    for (const { reject } of this.#waiting) reject(error)
    this.#waiting.clear()
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#end())
  }

  async #end(): Promise<void> {
    const { socket } = this.#connection
    this.reception.end()
    this.#refuse(new CanBusClosed())
    if (socket.closed) return
    // What was sent is still read by the server; only one that reads no more is left at once.
    const deadline = setTimeout(() => socket.destroy(), FAREWELL_MS)
    const closed = once(socket, 'close').catch(() => undefined)
    const heard = this.#hasSent ? await this.#echo(closed) : 'echo'
    const problem = this.#refusal ?? (heard === 'echo' ? undefined : 'the server ended the connection before')
    socket.end()
    await closed
    clearTimeout(deadline)
    if (problem === undefined || this.reception.fault) return
    throw new CanBusFault(`${this.address.url}: not all that was sent got to the bus: ${problem}`)
  }

  /** Commands are done in order: with the echo, or its time over, whatever the server had to say has come. */
  async #echo(closed: Promise<unknown>): Promise<'echo' | 'closed'> {
    const { socket } = this.#connection
    const echo = new Promise<'echo'>((resolve) => (this.#onEcho = () => resolve('echo')))
    const slow = setTimeout(() => this.#onEcho(), FAREWELL_MS / 2)
    socket.write('< echo >', 'latin1')
    const heard = await Promise.race([echo, closed.then(() => 'closed' as const)])
    clearTimeout(slow)
    return heard
  }
}
