import { presentSignals, requireLength } from './dbc-codec.js'
import type { DbcMessage, DbcSignal } from './dbc-model.js'
import { messagePlan } from './dbc-plan.js'

/** Decodes many frames of one message without an object for each of their signals. */
export interface BulkDecoder {
  /** A signal's place in the arrays is its place here. */
  readonly signals: readonly DbcSignal[]
  /**
   * @param physical gets raw × factor + offset of every signal that the frame has; the rest is left as it is
   * @param present gets 1 or 0 for every signal
   * @returns how many signals the frame has
   * @throws MessageTooShort, RangeError when an array is shorter than `signals`
   */
  decodeInto(data: Uint8Array, physical: Float64Array, present: Uint8Array): number
}

export function compileDecoder(message: DbcMessage): BulkDecoder {
  const plan = messagePlan(message)
  const { signals } = message
  return {
    signals,
    decodeInto(data, physical, present) {
      if (Math.min(physical.length, present.length) < signals.length) {
        throw new RangeError(
          `message ${message.name} has ${signals.length} signals; the arrays are too short`,
        )
      }
      requireLength(message, data)
      present.fill(0, 0, signals.length)
      let count = 0
      for (const signal of presentSignals(plan, data)) {
        if (signal.lastByte >= data.length) continue
        physical[signal.index] = Number(signal.read(data)) * signal.factor + signal.offset
        present[signal.index] = 1
        count++
      }
      return count
    },
  }
}
