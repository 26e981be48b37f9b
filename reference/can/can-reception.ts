import {
  CanBusFault,
  type CanBus,
  type CanErrorFrame,
  type CanLoss,
  type CanOpenOptions,
  type ReceivedCanFrame,
} from '../ports/can-bus.js'
import { canFilter } from './can-filter.js'

/** A listener's error is its owner's bug: it surfaces, but the bus and the other listeners go on. */
function guarded<Heard>(listener: (heard: Heard) => void, heard: Heard): void {
  try {
    listener(heard)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  // A wrapper of its own, so that a function that subscribes twice is heard twice.
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * The receiving half that every driver of the `CanBus` port shares: listeners, filters, own frames, and the count of
 * what was lost.
 */
export class CanReception implements Pick<
  CanBus,
  'onFrame' | 'onErrorFrame' | 'onLoss' | 'onFault' | 'lost'
> {
  readonly #frames = new Set<(frame: ReceivedCanFrame) => void>()
  readonly #errors = new Set<(frame: CanErrorFrame) => void>()
  readonly #losses = new Set<(lost: CanLoss) => void>()
  readonly #faults = new Set<(fault: CanBusFault) => void>()
  readonly #passes: (frame: ReceivedCanFrame) => boolean
  readonly #receiveOwn: boolean
  #lost: CanLoss = { frames: 0, exact: true }
  #fault: CanBusFault | undefined
  #ended = false

  constructor({ filters, receiveOwn = false }: Pick<CanOpenOptions, 'filters' | 'receiveOwn'>) {
    this.#passes = canFilter(filters)
    this.#receiveOwn = receiveOwn
  }

  get lost(): CanLoss {
    return this.#lost
  }

  /** What ended the bus, if anything has. */
  get fault(): CanBusFault | undefined {
    return this.#fault
  }

  readonly onFrame = (listener: (frame: ReceivedCanFrame) => void) =>
    this.#ended ? () => undefined : subscribe(this.#frames, (frame: ReceivedCanFrame) => listener(frame))

  readonly onErrorFrame = (listener: (frame: CanErrorFrame) => void) =>
    this.#ended ? () => undefined : subscribe(this.#errors, (frame: CanErrorFrame) => listener(frame))

  readonly onLoss = (listener: (lost: CanLoss) => void) =>
    this.#ended ? () => undefined : subscribe(this.#losses, (lost: CanLoss) => listener(lost))

  readonly onFault = (listener: (fault: CanBusFault) => void) =>
    this.#ended ? () => undefined : subscribe(this.#faults, (fault: CanBusFault) => listener(fault))

  /** Whether the node's listeners are to hear the frame: for drivers that count what they drop of it. */
  accepts(frame: ReceivedCanFrame): boolean {
    return !this.#ended && (this.#receiveOwn || !frame.own) && this.#passes(frame)
  }

  deliver(frame: ReceivedCanFrame): void {
    if (!this.accepts(frame)) return
    // The only listener gets the frame itself; of several, none may see what another does to the bytes.
    if (this.#frames.size === 1) for (const listener of this.#frames) return guarded(listener, frame)
    for (const listener of [...this.#frames]) guarded(listener, { ...frame, data: frame.data.slice() })
  }

  deliverError(frame: CanErrorFrame): void {
    for (const listener of [...this.#errors]) guarded(listener, { ...frame, data: frame.data.slice() })
  }

  /** @param exact false when more may have been lost than `frames` */
  countLost(frames: number, exact = true): void {
    if (frames <= 0 || this.#ended) return
    this.#lost = { frames: this.#lost.frames + frames, exact: this.#lost.exact && exact }
    for (const listener of [...this.#losses]) guarded(listener, this.#lost)
  }

  /** The bus has ended under the node. Only the first fault is told. */
  fail(fault: CanBusFault): void {
    if (this.#ended || this.#fault) return
    this.#fault = fault
    for (const listener of [...this.#faults]) guarded(listener, fault)
  }

  /** The node is closed: nobody hears anything more; `lost` stays readable. */
  end(): void {
    this.#ended = true
    for (const listeners of [this.#frames, this.#errors, this.#losses, this.#faults]) listeners.clear()
  }
}
