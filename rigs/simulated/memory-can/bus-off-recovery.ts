import type { WireNode } from './wire-node.js'

/** 128 times eleven recessive bits end bus-off (ISO 11898-1:2015, 12.1.4.4). */
const SEQUENCES = 128
const SEQUENCE_BITS = 11

interface Recovery {
  /** How many sequences are still to come. */
  sequences: number
  readonly fromUs: number
}

/**
 * Counts the recessive sequences that nodes in bus-off wait for. An idle bus gives one every eleven bits, a busy one
 * one a frame: its acknowledge delimiter, end and intermission, or the delimiter and intermission of its error frame.
 */
export class BusOffRecovery {
  readonly #recoveries = new Map<WireNode, Recovery>()

  constructor(private readonly bitUs: number) {}

  /** @returns false where it has begun already */
  begin(node: WireNode, fromUs: number): boolean {
    if (this.#recoveries.has(node)) return false
    this.#recoveries.set(node, { sequences: SEQUENCES, fromUs })
    return true
  }

  forget(node: WireNode): void {
    this.#recoveries.delete(node)
  }

  /** When the first node has recovered, if the bus stays idle from `freeAtUs` on. */
  nextUs(freeAtUs: number): number {
    let nextUs = Infinity
    for (const recovery of this.#recoveries.values())
      nextUs = Math.min(nextUs, this.#doneUs(recovery, freeAtUs))
    return nextUs
  }

  /** Nodes that have recovered by now, which are forgotten. */
  takeDone(freeAtUs: number, nowUs: number): WireNode[] {
    const done = [...this.#recoveries].filter(([, recovery]) => this.#doneUs(recovery, freeAtUs) <= nowUs)
    for (const [node] of done) this.#recoveries.delete(node)
    return done.map(([node]) => node)
  }

  /** The bus was idle between those moments. */
  idle(fromUs: number, toUs: number): void {
    for (const recovery of this.#recoveries.values()) {
      const bits = (toUs - Math.max(fromUs, recovery.fromUs)) / this.bitUs
      if (bits > 0) recovery.sequences -= Math.floor(bits / SEQUENCE_BITS)
    }
  }

  /** A frame or an error frame has ended. */
  frameEnded(atUs: number): void {
    for (const recovery of this.#recoveries.values()) if (recovery.fromUs <= atUs) recovery.sequences--
  }

  #doneUs({ sequences, fromUs }: Recovery, freeAtUs: number): number {
    return Math.max(fromUs, freeAtUs) + Math.max(0, sequences) * SEQUENCE_BITS * this.bitUs
  }
}
