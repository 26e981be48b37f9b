import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { ownFrame, requireCarried } from '../../../reference/can/can-frame-check.js'
import { CanReception } from '../../../reference/can/can-reception.js'
import {
  CanBusClosed,
  CanBusFault,
  CanBusUnavailable,
  DEFAULT_RECEIVE_BUFFER,
  DEFAULT_SEND_QUEUE,
  type CanBus,
  type CanFeatures,
  type CanFrame,
  type CanLoss,
  type CanOpenOptions,
  type CanUnavailableReason,
} from '../../../reference/ports/can-bus.js'
import { deliverKernelFrame } from './deliver-kernel-frame.js'
import { FrameRecords } from './frame-record.js'
import { interfaceTrouble } from './interface-state.js'
import { filtersExactly, kernelFilters } from './kernel-filters.js'
import { CLASSIC_BYTES, FD_BYTES, INVERTED_FILTER, kernelFrameOf } from './kernel-frame.js'
import { KernelSender } from './kernel-sender.js'
import { NEWS, type KernelSocket, type KernelSocketApi } from './kernel-socket.js'
import type { CanInterface } from './worker-protocol.js'

/** What an addon and an interface are opened as. */
export interface KernelSocketParts {
  readonly api: KernelSocketApi
  readonly interface: CanInterface
  readonly features: CanFeatures
  /** The bus's URL, for messages. */
  readonly url: string
  readonly options: CanOpenOptions
}

const { EACCES, EAFNOSUPPORT, ENODEV, ENXIO, EPERM, EPROTONOSUPPORT } = constants.errno

const WHY: Readonly<Record<number, readonly [CanUnavailableReason, string]>> = {
  [EAFNOSUPPORT]: ['no-af-can', 'modprobe can-raw, or use a kernel with CONFIG_CAN_RAW'],
  [EPROTONOSUPPORT]: ['no-af-can', 'modprobe can-raw, or use a kernel with CONFIG_CAN_RAW'],
  [EPERM]: ['no-permission', 'Let this user, container or sandbox open AF_CAN sockets'],
  [EACCES]: ['no-permission', 'Let this user, container or sandbox open AF_CAN sockets'],
  [ENODEV]: ['no-such-interface', 'It went while it was opened: plug it in again'],
  [ENXIO]: ['no-such-interface', 'It went while it was opened: plug it in again'],
}

const nameOf = (error: number) => getSystemErrorName(-error)

function unavailable(url: string, cause: unknown): unknown {
  const { errno, syscall = '' } = cause as NodeJS.ErrnoException
  if (errno === undefined) return cause
  const [reason, mend] = WHY[errno] ?? ['refused', 'See socket(7) and can(7) of the kernel documentation']
  return new CanBusUnavailable(url, reason, `the kernel says ${nameOf(errno)} to ${syscall}`, mend, { cause })
}

/**
 * A node on a CAN_RAW socket of its own. The event loop reads the socket itself, so that a frame takes the shortest
 * way; a thread of the addon reads it while the loop stalls.
 */
export class KernelSocketNode implements CanBus {
  readonly features: CanFeatures
  readonly onFrame
  readonly onErrorFrame
  readonly onLoss
  readonly onFault
  readonly #parts: KernelSocketParts
  readonly #reception: CanReception
  readonly #socket: KernelSocket
  readonly #sender: KernelSender
  readonly #news: Uint32Array
  readonly #received: FrameRecords
  /** Whether what the kernel drops is exactly what the listeners miss. */
  readonly #exact: boolean
  #told = 0
  #latestUs = 0
  #closed = false

  /** @throws CanBusUnavailable */
  constructor(parts: KernelSocketParts) {
    this.#parts = parts
    const { api, interface: canInterface, features, url, options } = parts
    const { filters, receiveOwn = false, receiveBuffer = DEFAULT_RECEIVE_BUFFER } = options
    this.features = features
    this.#exact = filtersExactly(filters)
    const reception = new CanReception({ receiveOwn: true, ...(!this.#exact && filters && { filters }) })
    this.#reception = reception
    this.onFrame = reception.onFrame
    this.onErrorFrame = reception.onErrorFrame
    this.onLoss = reception.onLoss
    this.onFault = reception.onFault
    const words = kernelFilters(filters).flatMap(({ canId, mask, invert }) => [
      canId | (invert ? INVERTED_FILTER : 0),
      mask,
    ])
    try {
      this.#socket = api.open(
        canInterface.index,
        canInterface.fd,
        receiveOwn,
        receiveBuffer,
        Uint32Array.from(words),
        this.#read,
      )
    } catch (error) {
      throw unavailable(url, error)
    }
    this.#news = new Uint32Array(this.#socket.news)
    this.#received = new FrameRecords(this.#socket.received, canInterface.fd ? FD_BYTES : CLASSIC_BYTES)
    this.#sender = new KernelSender(api, this.#socket, options.sendQueue ?? DEFAULT_SEND_QUEUE, (error) =>
      this.#fail(error),
    )
  }

  get lost(): CanLoss {
    return this.#reception.lost
  }

  async send(frame: CanFrame): Promise<void> {
    const own = ownFrame(frame)
    requireCarried(own, this.features)
    if (this.#closed) throw new CanBusClosed()
    if (this.#reception.fault) throw this.#reception.fault
    this.#sender.requireRoom()
    return this.#sender.send(kernelFrameOf(own))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#reception.end()
    this.#sender.end(new CanBusClosed())
    this.#parts.api.close(this.#socket)
  }

  readonly #read = (): void => {
    const news = this.#news
    // Read first: what listeners do may bring other news.
    const [frames, lost, error, more] = [NEWS.frames, NEWS.lost, NEWS.error, NEWS.more].map(
      (place) => news[place] as number,
    ) as [number, number, number, number]
    const room = news[NEWS.writable] !== 0
    const newlyLost = (lost - this.#told) >>> 0
    this.#told = lost
    this.#reception.countLost(this.#exact ? newlyLost : Math.min(1, newlyLost), this.#exact)
    for (let at = 0; at < frames && !this.#closed; at++) this.#deliver(at)
    if (this.#closed) return
    if (room) this.#sender.roomThere()
    // What came before the error is heard before it is told.
    if (more !== 0) setImmediate(this.#readMore)
    else if (error !== 0) this.#fail(error)
  }

  /** Others have their turn between so many frames. */
  readonly #readMore = (): void => {
    if (this.#closed || this.#reception.fault) return
    this.#news[NEWS.writable] = 0
    this.#parts.api.receive(this.#socket)
    this.#read()
  }

  #deliver(at: number): void {
    const frame = this.#received.read(at)
    // The kernel stamps with the wall clock, and somebody may set that back.
    this.#latestUs = Math.max(this.#latestUs, frame.timestampUs)
    deliverKernelFrame(this.#reception, { ...frame, timestampUs: this.#latestUs })
  }

  #fail(error: number): void {
    if (this.#closed || this.#reception.fault) return
    const { interface: canInterface, url } = this.#parts
    const problem = interfaceTrouble(canInterface) ?? `the kernel says ${nameOf(error)} to its socket`
    const fault = new CanBusFault(`${url}: ${problem}`)
    this.#reception.fail(fault)
    this.#sender.end(fault)
  }
}
