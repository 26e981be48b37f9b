import type { Duplex } from 'node:stream'
import { requireCarried } from '../../../reference/can/can-frame-check.js'
import { decodeSlcanCommand, type SlcanCommand } from '../../../reference/can/slcan-command.js'
import { encodeSlcanFrame, SLCAN_STAMP_PERIOD_MS } from '../../../reference/can/slcan-frame.js'
import { hex } from '../../../reference/can/slcan-digits.js'
import { BEL, InvalidSlcanLine, SlcanLineReader } from '../../../reference/can/slcan-line.js'
import { SLCAN_STATUS, slcanStatusOf } from '../../../reference/can/slcan-status.js'
import {
  CanFrameNotCarried,
  type CanBus,
  type CanFrame,
  type ReceivedCanFrame,
} from '../../../reference/ports/can-bus.js'
import { HostLine } from './host-line.js'

const DONE = '\r'
const REFUSED = String.fromCharCode(BEL)
/** LAWICEL's CANUSB keeps 32 frames for the host, and 8 to be sent. */
const RECEIVE_QUEUE = 32
const SEND_QUEUE = 8

export interface SlcanAdapterOptions {
  /** Bits a second of the bus: a host that sets others is refused. Any is right where it is left out. */
  readonly bitrate?: number
  /** Frames that wait for a host which does not read; then they are dropped, and the status flags say so. */
  readonly receiveQueue?: number
  /** Frames that wait for the bus; then the host is refused. */
  readonly sendQueue?: number
  /** Four digits behind V: hardware, software. */
  readonly version?: string
  /** Four letters or digits behind N. */
  readonly serialNumber?: string
  /** Called for each line that is no command. */
  readonly onGarbage?: (garbage: InvalidSlcanLine) => void
}

/** An adapter that serves a host. */
export interface SlcanAdapter {
  /** Settles when the host has hung up, or the adapter was closed. */
  readonly ended: Promise<void>
  /** Hangs up; the bus stays as it is. */
  close(): Promise<void>
}

class Adapter {
  readonly #host: HostLine
  readonly #sendQueue: number
  #channel: 'closed' | 'open' | 'listening' = 'closed'
  #bitrateSet = false
  #fd = false
  #stamps = false
  #flags = 0
  #sending = 0
  #faulty = false

  constructor(
    line: Duplex,
    readonly bus: CanBus,
    readonly options: SlcanAdapterOptions,
  ) {
    this.#host = new HostLine(line, options.receiveQueue ?? RECEIVE_QUEUE)
    this.#sendQueue = options.sendQueue ?? SEND_QUEUE
  }

  readonly heard = (frame: ReceivedCanFrame): void => {
    if (this.#channel === 'closed' || frame.own) return
    // To a classic controller an FD frame is a form error (ISO 11898-1, 10.9.4).
    if (frame.fd && !this.#fd) return this.raise(SLCAN_STATUS.busError)
    const stampMs = Math.floor(frame.timestampUs / 1_000) % SLCAN_STAMP_PERIOD_MS
    // Bits that the lines cannot say are left out: the host gets what it can be told.
    const { rawDlc: _rawDlc, errorStateIndicator: _esi, ...told } = frame
    const text = encodeSlcanFrame(told, this.#stamps ? stampMs : undefined)
    if (!this.#host.offer(text)) this.raise(SLCAN_STATUS.receiveQueueFull | SLCAN_STATUS.dataOverrun)
  }

  raise(flags: number): void {
    this.#flags |= flags
  }

  /** The bus is gone: no frame can leave any more. */
  readonly fail = (): void => {
    this.#faulty = true
    this.raise(SLCAN_STATUS.busError | SLCAN_STATUS.errorPassive)
  }

  take(line: Uint8Array): void {
    try {
      this.#host.answer(this.#obey(decodeSlcanCommand(line)))
    } catch (error) {
      if (!(error instanceof InvalidSlcanLine)) throw error
      this.refuse(error)
    }
  }

  refuse(garbage: InvalidSlcanLine): void {
    this.options.onGarbage?.(garbage)
    this.#host.answer(REFUSED)
  }

  #obey(command: SlcanCommand): string {
    const { version = '1010', serialNumber = 'LS01' } = this.options
    switch (command.kind) {
      case 'nothing':
        return DONE
      case 'version':
        return `V${version}${DONE}`
      case 'serial-number':
        return `N${serialNumber}${DONE}`
      case 'status':
        return this.#channel === 'closed' ? REFUSED : `F${this.#readFlags()}${DONE}`
      case 'frame':
        return this.#send(command.frame)
      case 'close':
        if (this.#channel === 'closed') return REFUSED
        this.#channel = 'closed'
        this.#host.clear()
        return DONE
      default:
        return this.#channel === 'closed' && this.#setUp(command) ? DONE : REFUSED
    }
  }

  /** What LAWICEL allows while the channel is closed only. */
  #setUp(command: SlcanCommand): boolean {
    const { bitrate } = this.options
    switch (command.kind) {
      case 'bitrate':
        this.#bitrateSet = bitrate === undefined || bitrate === command.bitrate
        return this.#bitrateSet
      case 'data-bitrate':
        this.#fd = this.bus.features.fd
        return this.#fd
      case 'timestamps':
        this.#stamps = command.on
        return true
      case 'open':
        if (!this.#bitrateSet) return false
        this.#channel = command.listenOnly ? 'listening' : 'open'
        this.#flags = this.#faulty ? this.#flags : 0
        return true
      default:
        return false
    }
  }

  #readFlags(): string {
    const flags = this.#flags
    this.#flags = 0
    if (this.#faulty) this.fail()
    return hex(flags, 2)
  }

  #send(frame: CanFrame): string {
    if (this.#channel !== 'open' || this.#faulty || (frame.fd && !this.#fd)) return REFUSED
    try {
      requireCarried(frame, this.bus.features)
    } catch (error) {
      if (error instanceof CanFrameNotCarried) return REFUSED
      throw error
    }
    if (this.#sending >= this.#sendQueue) {
      this.raise(SLCAN_STATUS.sendQueueFull)
      return REFUSED
    }
    this.#sending++
    void this.bus
      .send(frame)
      .catch(() => this.raise(SLCAN_STATUS.busError))
      .finally(() => this.#sending--)
    return `${frame.extended ? 'Z' : 'z'}${DONE}`
  }
}

/**
 * Plays a LAWICEL adapter (CANUSB, CAN232) for any host at the other end of a line: the kernel's slcan, python-can, or
 * this project's driver. The host finds it closed, as after power came.
 * @param line bytes both ways: a serial port, a pty, a socket
 * @param bus a node of the bus that the adapter is on
 */
export function serveSlcan(line: Duplex, bus: CanBus, options: SlcanAdapterOptions = {}): SlcanAdapter {
  const adapter = new Adapter(line, bus, options)
  const reader = new SlcanLineReader({
    line: (bytes) => adapter.take(bytes),
    // From a host a BEL is noise.
    bell: () => undefined,
    garbage: (garbage) => adapter.refuse(garbage),
  })
  const unsubscribe = [
    bus.onFrame(adapter.heard),
    bus.onErrorFrame((frame) => adapter.raise(slcanStatusOf(frame))),
    bus.onLoss(() => adapter.raise(SLCAN_STATUS.dataOverrun)),
    bus.onFault(adapter.fail),
  ]
  const ended = new Promise<void>((resolve) => line.once('close', () => resolve()))
  void ended.then(() => unsubscribe.forEach((stop) => stop()))
  line.on('data', (bytes: Uint8Array) => reader.push(bytes))
  line.on('error', () => line.destroy())
  line.on('end', () => line.destroy())
  return {
    ended,
    async close() {
      line.destroy()
      await ended
    },
  }
}
