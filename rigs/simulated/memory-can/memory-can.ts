import { performance } from 'node:perf_hooks'
import { frameBits } from '../../../reference/can/frame-bits.js'
import { requireCarried, requireSendable } from '../../../reference/can/can-frame-check.js'
import { CanReception } from '../../../reference/can/can-reception.js'
import {
  CanBusClosed,
  CanSendQueueFull,
  DEFAULT_SEND_QUEUE,
  type CanBus,
  type CanFeatures,
  type CanFrame,
  type CanOpenOptions,
  type ReceivedCanFrame,
} from '../../../reference/ports/can-bus.js'
import { arbitrationValue } from './arbitration.js'

const FEATURES: CanFeatures = {
  fd: false,
  remote: true,
  rawDlc: false,
  errorFrames: false,
  timestamps: 'bus',
  countsLoss: true,
  backEnd: 'memory',
}

/** Hears every frame that goes over the wire, with the name of the node that sent it. */
export type TapListener = (frame: ReceivedCanFrame, sender: string) => void

export interface MemoryCanOptions {
  /** Bits a second; 500,000 unless told. */
  readonly bitrate?: number
}

/**
 * A classic CAN bus inside this process: frames take as long as on a wire, one after the other, and of those that
 * wait the one with the lowest id goes first. Every node acknowledges; there are no bit errors here.
 */
export interface MemoryCan {
  /** Adds a node. A frame reaches the nodes that are there when it ends. */
  join(nodeName: string, options?: CanOpenOptions): CanBus
  /** @returns unsubscribe */
  tap(listener: TapListener): () => void
  /**
   * A fault: frames that `predicate` is true for do not reach the node, and count as lost there.
   * @returns mends it
   */
  dropTo(nodeName: string, predicate: (frame: CanFrame) => boolean): () => void
  /** Closes every node; frames that wait are refused with CanBusClosed. */
  close(): Promise<void>
}

interface QueuedFrame {
  readonly frame: CanFrame
  readonly bits: number
  readonly arbitration: number
  readonly queuedAtUs: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

interface Node {
  readonly name: string
  readonly queue: QueuedFrame[]
  readonly reception: CanReception
  readonly sendQueue: number
}

interface Transmission extends QueuedFrame {
  readonly node: Node
  readonly endUs: number
}

const copyOf = (frame: CanFrame): CanFrame => ({ ...frame, data: frame.data.slice() })

export function createMemoryCan({ bitrate = 500_000 }: MemoryCanOptions = {}): MemoryCan {
  const startedAt = performance.now()
  const nodes = new Set<Node>()
  const taps = new Set<TapListener>()
  const drops = new Set<{ readonly nodeName: string; readonly predicate: (frame: CanFrame) => boolean }>()
  let current: Transmission | undefined
  /** Since when the bus is idle, microseconds of bus time. */
  let freeAtUs = 0
  /** True until the next frame is chosen. */
  let settling = false
  let closed = false

  const wallUs = () => (performance.now() - startedAt) * 1_000
  /** Who answers a frame does so at the frame's end, even where the bus is behind the wall clock. */
  const queueingUs = () => (settling ? freeAtUs : wallUs())

  function transmitNext(): void {
    const waiting = [...nodes].filter(({ queue }) => queue.length > 0)
    if (waiting.length === 0) return
    const head = (node: Node) => node.queue[0] as QueuedFrame
    const startUs = Math.max(freeAtUs, Math.min(...waiting.map((node) => head(node).queuedAtUs)))
    const winner = waiting
      .filter((node) => head(node).queuedAtUs <= startUs)
      .reduce((best, node) => (head(node).arbitration < head(best).arbitration ? node : best))
    const queued = winner.queue.shift() as QueuedFrame
    current = { ...queued, node: winner, endUs: startUs + (queued.bits * 1_000_000) / bitrate }
    awaitEnd(current)
  }

  function awaitEnd(transmission: Transmission): void {
    const remainingMs = (transmission.endUs - wallUs()) / 1_000
    if (remainingMs > 0) setTimeout(() => end(transmission), Math.ceil(remainingMs))
    else setImmediate(() => end(transmission))
  }

  function end(transmission: Transmission): void {
    if (transmission.endUs > wallUs()) return awaitEnd(transmission)
    current = undefined
    settle(transmission.endUs)
    deliver(transmission)
    transmission.resolve()
  }

  /**
   * The next frame is chosen a turn of the event loop later: those that are sent in one turn compete, however long
   * this process takes over it, and those who answer a frame take part in the arbitration after it.
   */
  function settle(sinceUs: number): void {
    freeAtUs = sinceUs
    settling = true
    setImmediate(() => {
      settling = false
      transmitNext()
    })
  }

  function deliver({ frame, node: sender, endUs }: Transmission): void {
    const received = (): ReceivedCanFrame => ({ ...copyOf(frame), timestampUs: Math.round(endUs) })
    for (const listener of [...taps]) listener(received(), sender.name)
    for (const node of [...nodes]) {
      if (node === sender) {
        node.reception.deliver({ ...received(), own: true })
      } else if ([...drops].some(({ nodeName, predicate }) => nodeName === node.name && predicate(frame))) {
        node.reception.countLost(1)
      } else {
        node.reception.deliver(received())
      }
    }
  }

  async function send(node: Node, frame: CanFrame): Promise<void> {
    if (!nodes.has(node)) throw new CanBusClosed()
    requireSendable(frame)
    requireCarried(frame, FEATURES)
    if (node.queue.length >= node.sendQueue) throw new CanSendQueueFull(node.sendQueue)
    return new Promise((resolve, reject) => {
      const own = copyOf(frame)
      const arbitration = arbitrationValue(own)
      if (!current && !settling) settle(Math.max(freeAtUs, wallUs()))
      node.queue.push({
        frame: own,
        bits: frameBits(own),
        arbitration,
        queuedAtUs: queueingUs(),
        resolve,
        reject,
      })
    })
  }

  function leave(node: Node): void {
    nodes.delete(node)
    node.reception.end()
    for (const { reject } of node.queue.splice(0)) reject(new CanBusClosed())
  }

  return {
    join(nodeName, options = {}) {
      if (closed) throw new CanBusClosed()
      const reception = new CanReception(options)
      const sendQueue = options.sendQueue ?? DEFAULT_SEND_QUEUE
      const node: Node = { name: nodeName, queue: [], reception, sendQueue }
      nodes.add(node)
      return {
        send: (frame) => send(node, frame),
        features: FEATURES,
        onFrame: reception.onFrame,
        onErrorFrame: reception.onErrorFrame,
        onLoss: reception.onLoss,
        onFault: reception.onFault,
        get lost() {
          return reception.lost
        },
        close: async () => leave(node),
      }
    },
    tap(listener) {
      taps.add(listener)
      return () => taps.delete(listener)
    },
    dropTo(nodeName, predicate) {
      const drop = { nodeName, predicate }
      drops.add(drop)
      return () => drops.delete(drop)
    },
    async close() {
      closed = true
      for (const node of [...nodes]) leave(node)
      taps.clear()
    },
  }
}
