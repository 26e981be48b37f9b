import { CanReception } from '../../../reference/can/can-reception.js'
import type { CanBus, ReceivedCanFrame } from '../../../reference/ports/can-bus.js'

/** What becomes of a frame on its way to a node: nothing, itself, another one, several. */
export type FrameFault = (frame: ReceivedCanFrame) => readonly ReceivedCanFrame[]

export type FrameChoice = (frame: ReceivedCanFrame) => boolean

/** A node of any bus whose reception can be disturbed; what it sends goes out untouched. */
export interface FaultyCanLine extends CanBus {
  /** Puts a fault on the line, behind those that are there. @returns mends it */
  inject(fault: FrameFault): () => void
}

/**
 * Stands between a bus and one of its nodes. Frames that a fault loses are not counted as `lost`: the node's driver
 * would not know of them either.
 */
export function faultyCanLine(bus: CanBus): FaultyCanLine {
  const faults = new Set<{ readonly apply: FrameFault }>()
  // Filters and own frames are the bus's: what it delivers is for this node.
  const reception = new CanReception({ receiveOwn: true })
  const stop = bus.onFrame((frame) => {
    let frames: readonly ReceivedCanFrame[] = [frame]
    for (const { apply } of faults) frames = frames.flatMap(apply)
    for (const disturbed of frames) reception.deliver(disturbed)
  })
  return {
    features: bus.features,
    send: (frame) => bus.send(frame),
    onFrame: reception.onFrame,
    onErrorFrame: (listener) => bus.onErrorFrame(listener),
    get lost() {
      return bus.lost
    },
    onLoss: (listener) => bus.onLoss(listener),
    onFault: (listener) => bus.onFault(listener),
    inject(apply) {
      const fault = { apply }
      faults.add(fault)
      return () => faults.delete(fault)
    },
    close() {
      stop()
      reception.end()
      return bus.close()
    },
  }
}

/** Frames that do not arrive. */
export function losing(choice: FrameChoice): FrameFault {
  return (frame) => (choice(frame) ? [] : [frame])
}

/** Frames of which one bit arrives the other way round. @param bit from the first byte's least significant bit */
export function flipping(choice: FrameChoice, bit: number): FrameFault {
  return (frame) => {
    if (!choice(frame) || bit >> 3 >= frame.data.length) return [frame]
    const data = frame.data.slice()
    data[bit >> 3] = (data[bit >> 3] as number) ^ (1 << (bit & 7))
    return [{ ...frame, data }]
  }
}

/** Frames that arrive twice. */
export function repeating(choice: FrameChoice): FrameFault {
  return (frame) => (choice(frame) ? [frame, { ...frame, data: frame.data.slice() }] : [frame])
}

/** The first frame of each id arrives in the place of all that come after it: its counter does not move. */
export function sticking(choice: FrameChoice): FrameFault {
  const first = new Map<number, Uint8Array>()
  return (frame) => {
    if (!choice(frame)) return [frame]
    const data = first.get(frame.id) ?? frame.data.slice()
    first.set(frame.id, data)
    return [{ ...frame, data: data.slice() }]
  }
}

/** Frames that arrive with the data of another message, the last that was on the line. */
export function masquerading(choice: FrameChoice, disguised: FrameChoice): FrameFault {
  let foreign: Uint8Array | undefined
  return (frame) => {
    if (disguised(frame)) foreign = frame.data.slice()
    return foreign && choice(frame) ? [{ ...frame, data: foreign.slice() }] : [frame]
  }
}

/** Only the first `count` frames of the choice: the fault passes. */
export function first(count: number, choice: FrameChoice): FrameChoice {
  let seen = 0
  return (frame) => choice(frame) && ++seen <= count
}

/** A share of the choice, drawn from a seeded source of numbers 0 ≤ n < 1. */
export function sometimes(probability: number, random: () => number, choice: FrameChoice): FrameChoice {
  return (frame) => choice(frame) && random() < probability
}
