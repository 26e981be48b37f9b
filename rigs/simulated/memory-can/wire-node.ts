import { CanReception } from '../../../reference/can/can-reception.js'
import { DEFAULT_SEND_QUEUE, type CanOpenOptions } from '../../../reference/ports/can-bus.js'
import { Controller } from './controller.js'
import { SendQueue } from './send-queue.js'

export interface MemoryCanNodeOptions extends CanOpenOptions {
  /**
   * As `ip link set can0 type can restart-ms`: so long after bus-off the controller begins to recover by itself.
   * Left out, it stays bus-off until `restart` is called. The bus's own `restartMs` unless told.
   */
  readonly restartMs?: number
}

/** A node as the wire sees it. */
export class WireNode {
  readonly queue = new SendQueue()
  readonly reception: CanReception
  readonly controller: Controller
  readonly sendQueue: number
  readonly restartMs: number | undefined
  readonly receivesOwn: boolean
  /** It hears what begins from then on. */
  joinedAtUs: number
  /** An error-passive transmitter lets others go first after its own frame. */
  suspendedUntilUs = 0
  connected = true
  left = false
  /** Whether it is trying to send with its plug pulled. */
  triesAlone = false

  constructor(
    readonly name: string,
    options: MemoryCanNodeOptions,
    nowUs: () => number,
  ) {
    this.reception = new CanReception(options)
    this.sendQueue = options.sendQueue ?? DEFAULT_SEND_QUEUE
    this.restartMs = options.restartMs
    this.receivesOwn = options.receiveOwn ?? false
    this.joinedAtUs = nowUs()
    this.controller = new Controller((errorClass, data) =>
      this.reception.deliverError({ errorClass, data, timestampUs: Math.round(nowUs()) }),
    )
  }

  /** On the wire, with a controller that takes part. */
  get present(): boolean {
    return this.connected && !this.left && !this.controller.busOff
  }

  /** When it would begin to send; Infinity where it has nothing to send, or cannot. */
  get readyUs(): number {
    const { head } = this.queue
    if (head === undefined || !this.present) return Infinity
    return Math.max(head.queuedAtUs, this.suspendedUntilUs, this.joinedAtUs)
  }
}
