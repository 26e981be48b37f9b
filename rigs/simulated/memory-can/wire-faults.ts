import type { CanFrame } from '../../../reference/ports/can-bus.js'
import { seededRandom } from '../seeded-random.js'

/** Ends a fault; a second call does nothing. */
export type Mend = () => void

/** A fault that strikes now and then: the same seed gives the same strokes for the same frames. */
export interface SeededFault {
  /** Of the frames that it could strike, 0…1. */
  readonly probability: number
  readonly seed: number
  /** Which frames it can strike; all unless told. */
  readonly of?: (frame: CanFrame) => boolean
}

export interface DelayFault {
  /** Microseconds of bus time. */
  readonly byUs: number
  /** So much more at most, drawn anew for each frame; none unless told. */
  readonly jitterUs?: number
  readonly seed?: number
  /** Whether a frame waits for those before it; true unless told. */
  readonly keepOrder?: boolean
  readonly of?: (frame: CanFrame) => boolean
}

/** What becomes of a frame between the wire and a node's listeners. */
interface Reception {
  readonly nodeName: string | undefined
  /** Returns the frame, another in its place, or nothing where it is lost. */
  readonly change?: (frame: CanFrame) => CanFrame | undefined
  /** When it arrives that would arrive now. */
  readonly arrivalUs?: (frame: CanFrame, nowUs: number) => number
}

interface Corruption {
  readonly nodeNames: readonly string[] | undefined
  readonly strikes: (frame: CanFrame) => boolean
}

function strokes({ probability, seed, of }: SeededFault): (frame: CanFrame) => boolean {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`a fault's probability is ${probability}, not 0…1`)
  }
  const random = seededRandom(seed)
  return (frame) => (of === undefined || of(frame)) && random() < probability
}

function flipOneBit(frame: CanFrame, random: () => number): CanFrame {
  if (frame.data.length === 0) return frame
  const data = frame.data.slice()
  const bit = Math.floor(random() * data.length * 8)
  data[bit >> 3] = (data[bit >> 3] as number) ^ (0x80 >> (bit & 7))
  return { ...frame, data }
}

function added<Fault>(faults: Fault[], fault: Fault): Mend {
  faults.push(fault)
  return () => {
    const at = faults.indexOf(fault)
    if (at >= 0) faults.splice(at, 1)
  }
}

/** The faults that are on, as the wire asks for them. */
export class WireFaults {
  readonly #corruptions: Corruption[] = []
  readonly #receptions: Reception[] = []

  drop(nodeName: string, predicate: (frame: CanFrame) => boolean): Mend {
    const change = (frame: CanFrame) => (predicate(frame) ? undefined : frame)
    return added(this.#receptions, { nodeName, change })
  }

  lose(nodeName: string | undefined, fault: SeededFault): Mend {
    const strikes = strokes(fault)
    return added(this.#receptions, { nodeName, change: (frame) => (strikes(frame) ? undefined : frame) })
  }

  corruptPastCrc(nodeName: string | undefined, fault: SeededFault): Mend {
    const strikes = strokes(fault)
    const random = seededRandom(fault.seed ^ 0x5eed)
    const change = (frame: CanFrame) => (strikes(frame) ? flipOneBit(frame, random) : frame)
    return added(this.#receptions, { nodeName, change })
  }

  delay(nodeName: string | undefined, fault: DelayFault): Mend {
    const { byUs, jitterUs = 0, seed = 0, keepOrder = true, of = () => true } = fault
    if (!(byUs >= 0 && jitterUs >= 0)) throw new RangeError(`a delay of ${byUs} + ${jitterUs} µs runs back`)
    const random = seededRandom(seed)
    let lastUs = 0
    const arrivalUs = (frame: CanFrame, nowUs: number) => {
      if (!of(frame)) return nowUs
      const ownUs = nowUs + byUs + jitterUs * random()
      lastUs = keepOrder ? Math.max(lastUs, ownUs) : ownUs
      return lastUs
    }
    return added(this.#receptions, { nodeName, arrivalUs })
  }

  corrupt(nodeNames: readonly string[] | undefined, fault: SeededFault): Mend {
    return added(this.#corruptions, { nodeNames, strikes: strokes(fault) })
  }

  /** How the nodes see a frame that goes over the wire now; undefined where all see it as it is. */
  sight(frame: CanFrame): ((nodeName: string) => boolean) | undefined {
    if (this.#corruptions.length === 0) return undefined
    const striking = this.#corruptions.filter(({ strikes }) => strikes(frame))
    if (striking.length === 0) return undefined
    return (nodeName) =>
      !striking.some(({ nodeNames }) => nodeNames === undefined || nodeNames.includes(nodeName))
  }

  /** The frame as it reaches a node, or nothing. */
  atNode(nodeName: string, frame: CanFrame): CanFrame | undefined {
    let reached: CanFrame | undefined = frame
    for (const fault of this.#receptions) {
      if (reached === undefined) return undefined
      if (fault.change && (fault.nodeName ?? nodeName) === nodeName) reached = fault.change(reached)
    }
    return reached
  }

  /** When a frame reaches a node that is on the wire until now. */
  arrivalUs(nodeName: string, frame: CanFrame, nowUs: number): number {
    let atUs = nowUs
    for (const fault of this.#receptions) {
      if (fault.arrivalUs && (fault.nodeName ?? nodeName) === nodeName) atUs = fault.arrivalUs(frame, atUs)
    }
    return atUs
  }
}
