import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import {
  formatErrorFrame,
  formatFrame,
  SocketcandSyntaxError,
} from '../../../reference/can/socketcand-frames.js'
import {
  formatError,
  formatOffer,
  parseCommand,
  type SocketcandCommand,
} from '../../../reference/can/socketcand-messages.js'
import { SocketcandStream } from '../../../reference/can/socketcand-stream.js'
import {
  CanFrameNotCarried,
  type CanBus,
  type CanFrame,
  type CanOpenOptions,
} from '../../../reference/ports/can-bus.js'
import { BusStatistics } from './bus-statistics.js'
import { ClientOutput } from './client-output.js'

/** Opens a node for one client, with these options; undefined where there is no such bus. */
export type OpenServedBus = (name: string, options: CanOpenOptions) => Promise<CanBus | undefined>

export interface ClientSessionParts {
  readonly open: OpenServedBus
  /** Frames kept for a client that does not read; a client of ours may ask for less. */
  readonly clientBuffer: number
  readonly onEnd: (session: ClientSession) => void
}

/** Frames of one client that are on their way to the bus; then it is not read until the bus has taken some. */
const IN_FLIGHT = 64

/** How long a client has to read why its connection ends. */
const FAREWELL_MS = 1_000

const unrefTimeout = (ms: number) => setTimeout(ms, undefined, { ref: false })

type Mode = 'no-bus' | 'bcmmode' | 'rawmode' | 'controlmode'

/** One client of the server, from `< hi >` to the end of its connection. */
export class ClientSession {
  readonly #stream = new SocketcandStream()
  readonly #output: ClientOutput
  readonly #statistics: BusStatistics
  readonly #commands: string[] = []
  #mode: Mode = 'no-bus'
  #bus: CanBus | undefined
  #busy = false
  readonly #inFlight = new Set<Promise<void>>()
  /** A client of ours: it knows own frames and what error frames carry. */
  #wishesOwn = false
  #ours = false
  #ended: Promise<void> | undefined

  constructor(
    private readonly socket: Socket,
    private readonly parts: ClientSessionParts,
  ) {
    this.#output = new ClientOutput(socket, parts.clientBuffer, () => void this.end())
    this.#statistics = new BusStatistics((text) => this.#output.frame(() => text))
    socket.setNoDelay(true)
    socket.on('drain', () => this.#output.drained())
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    // Whatever breaks the connection closes it, too.
    socket.on('error', () => undefined)
    socket.on('close', () => void this.end())
    this.#output.answer('< hi >')
  }

  #read(chunk: Buffer): void {
    this.#commands.push(...this.#stream.push(chunk))
    void this.#work()
  }

  /** Commands are done one after the other; while one waits, the client is not read. */
  async #work(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    try {
      for (let at = 0; at < this.#commands.length; at++) {
        if (this.#ended) return
        const waits = this.#do(this.#commands[at] as string)
        if (!waits) continue
        this.socket.pause()
        await waits
        this.socket.resume()
      }
      this.#commands.length = 0
    } finally {
      this.#busy = false
    }
  }

  #do(element: string): Promise<void> | undefined {
    try {
      return this.#obey(parseCommand(element))
    } catch (error) {
      if (!(error instanceof SocketcandSyntaxError)) throw error
      this.#output.answer(formatError(error.message))
      return undefined
    }
  }

  #obey(command: SocketcandCommand): Promise<void> | undefined {
    if (command.kind === 'open') {
      if (this.#bus) throw new SocketcandSyntaxError('a bus is open already')
      return this.#open(command.bus)
    }
    if (this.#mode === 'no-bus' || !this.#bus) throw new SocketcandSyntaxError('no bus is open')
    const bus = this.#bus
    switch (command.kind) {
      case 'mode':
        this.#mode = command.mode
        this.#output.answer('< ok >')
        return undefined
      case 'echo':
        this.#output.answer('< echo >')
        return undefined
      case 'statistics':
        if (this.#mode !== 'controlmode') throw new SocketcandSyntaxError('statistics is for controlmode')
        this.#statistics.every(command.intervalMs)
        return undefined
      case 'wishes': {
        this.#ours = true
        this.#wishesOwn = command.wishes.receiveOwn
        this.#output.limit = Math.min(command.wishes.receiveBuffer, this.parts.clientBuffer)
        this.#output.answer(formatOffer(bus.features))
        return undefined
      }
      case 'send':
        return this.#send(bus, command.frame)
    }
  }

  async #open(name: string): Promise<void> {
    let bus: CanBus | undefined
    try {
      bus = await this.parts.open(name, { receiveOwn: true })
    } catch (error) {
      return this.end(`could not open bus: ${(error as Error).message}`)
    }
    if (!bus) return this.end('could not open bus')
    if (this.#ended) return bus.close()
    this.#bus = bus
    this.#mode = 'bcmmode'
    let told = bus.lost
    bus.onLoss((lost) => {
      if (this.#mode === 'rawmode') this.#output.lost(lost.frames - told.frames, lost.exact)
      told = lost
    })
    bus.onFault((fault) => void this.end(fault.message))
    bus.onFrame((frame) => {
      this.#statistics.count(frame)
      if (this.#mode !== 'rawmode' || (frame.own && !this.#wishesOwn)) return
      this.#output.frame(() => formatFrame(frame))
    })
    bus.onErrorFrame((frame) => {
      if (this.#mode === 'rawmode') this.#output.frame(() => formatErrorFrame(frame, this.#ours))
    })
    this.#output.answer('< ok >')
  }

  /** @returns when the next frame may come, where it has to wait */
  #send(bus: CanBus, frame: CanFrame): Promise<void> | undefined {
    const sent = bus.send(frame).catch((error: Error) => {
      // As socketcand does: a bus that fails ends the connection, so that the client cannot think the frame sent.
      if (!(error instanceof CanFrameNotCarried)) return void this.end(`frame not sent: ${error.message}`)
      this.#output.answer(formatError(error.message))
    })
    this.#inFlight.add(sent)
    void sent.then(() => this.#inFlight.delete(sent))
    return this.#inFlight.size >= IN_FLIGHT ? sent : undefined
  }

  /** @param problem told to the client before the connection ends */
  end(problem?: string): Promise<void> {
    return (this.#ended ??= this.#end(problem))
  }

  async #end(problem: string | undefined): Promise<void> {
    this.#statistics.every(0)
    if (problem === undefined || this.socket.destroyed) {
      this.socket.destroy()
    } else {
      this.#output.answer(formatError(problem))
      this.#output.flushNow()
      this.socket.end()
      void unrefTimeout(FAREWELL_MS).then(() => this.socket.destroy())
    }
    // What the client has sent is on its way, though the client is gone.
    await Promise.race([Promise.all(this.#inFlight), unrefTimeout(FAREWELL_MS)])
    await this.#bus?.close()
    this.parts.onEnd(this)
  }
}
