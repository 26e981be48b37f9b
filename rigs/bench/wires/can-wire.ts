import { ownFrame } from '../../../reference/can/can-frame-check.js'
import type { CanBus, CanFrame, CanOpenOptions, ReceivedCanFrame } from '../../../reference/ports/can-bus.js'
import { Closing } from '../stage/closing.js'

/** Names of a car's nodes, as `parking.dbc` has them. */
export const CAR_NODES = { tBox: 'T_BOX', headUnit: 'HEAD_UNIT' } as const

/** Hears every frame on the bus, with the name of the node that sent it; undefined for a node that is not ours. */
export type CanTap = (frame: ReceivedCanFrame, sender: string | undefined) => void

/** The bus of a rig, with a node for each of our parties on it, and one that only listens, for the evidence. */
export interface CanWire {
  /** It closes with the wire only. @throws RangeError for a node that the wire was not opened with */
  node(name: string): CanBus
  /** @returns unsubscribe */
  tap(listener: CanTap): () => void
  /** What carries the frames, for the attestation. */
  readonly backEnd: string
  /** Frames that the evidence lacks. */
  readonly lost: CanBus['lost']
  close(): Promise<void>
}

/** What tells a frame from another one, as far as the wire carries it. */
function contentKey({ id, extended, data, remote, remoteLength, fd }: CanFrame): string {
  return `${id} ${extended} ${remote ? `r${remoteLength ?? 0}` : ''} ${fd ? 'fd' : ''} ${Buffer.from(data).toString('hex')}`
}

/**
 * Frames that our nodes have sent and the listening node has not heard yet. No bus says who sent a frame; frames of
 * the same content cannot be told apart, and need not be.
 */
class SentFrames {
  readonly #senders = new Map<string, string[]>()

  add(frame: CanFrame, sender: string): void {
    const key = contentKey(frame)
    const senders = this.#senders.get(key)
    if (senders) senders.push(sender)
    else this.#senders.set(key, [sender])
  }

  /** The node that sent a frame that was heard; undefined for one that is not ours. */
  take(frame: CanFrame): string | undefined {
    const key = contentKey(frame)
    const senders = this.#senders.get(key)
    const sender = senders?.shift()
    if (senders?.length === 0) this.#senders.delete(key)
    return sender
  }

  forget(frame: CanFrame, sender: string): void {
    const key = contentKey(frame)
    const senders = this.#senders.get(key)
    const at = senders?.lastIndexOf(sender) ?? -1
    if (at >= 0) senders?.splice(at, 1)
    if (senders?.length === 0) this.#senders.delete(key)
  }
}

/** A node whose frames are known as its own when they are heard. */
function named(bus: CanBus, name: string, sent: SentFrames): CanBus {
  return {
    features: bus.features,
    async send(offered) {
      const frame = ownFrame(offered)
      sent.add(frame, name)
      try {
        await bus.send(frame)
      } catch (error) {
        sent.forget(frame, name)
        throw error
      }
    },
    onFrame: (listener) => bus.onFrame(listener),
    onErrorFrame: (listener) => bus.onErrorFrame(listener),
    get lost() {
      return bus.lost
    },
    onLoss: (listener) => bus.onLoss(listener),
    onFault: (listener) => bus.onFault(listener),
    // It is the wire's, and outlives the party that uses it.
    close: async () => undefined,
  }
}

/**
 * Opens a bus for a run.
 * @param open opens one more node on it
 * @throws CanBusUnavailable
 */
export async function openCanWire(
  open: (nodeName: string, options?: CanOpenOptions) => Promise<CanBus>,
  nodeNames: readonly string[],
): Promise<CanWire> {
  const closing = new Closing()
  const sent = new SentFrames()
  const nodes = new Map<string, CanBus>()
  try {
    const listener = closing.add(await open('evidence'))
    for (const name of nodeNames) nodes.set(name, named(closing.add(await open(name)), name, sent))
    const taps = new Set<CanTap>()
    listener.onFrame((frame) => {
      const sender = sent.take(frame)
      for (const tap of [...taps]) tap(frame, sender)
    })
    return {
      node(name) {
        const node = nodes.get(name)
        if (!node) throw new RangeError(`the wire was not opened with a node ${name}`)
        return node
      },
      tap(tap) {
        taps.add(tap)
        return () => taps.delete(tap)
      },
      backEnd: listener.features.backEnd,
      get lost() {
        return listener.lost
      },
      close: () => closing.close(),
    }
  } catch (error) {
    await closing.close()
    throw error
  }
}
