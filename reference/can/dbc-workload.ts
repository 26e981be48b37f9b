import { decodeMessage, encodeMessage, type SignalInput } from './dbc-codec.js'
import { compileDecoder } from './dbc-bulk.js'
import type { DbcDatabase, DbcMessage } from './dbc-model.js'

/** Frames of a whole database, to measure the codec on. */
export interface DbcWorkload {
  readonly frames: number
  /** Signals of all frames together. */
  readonly signals: number
  /** One round over all frames. @returns signals decoded */
  decode(): number
  /** The same by `compileDecoder`. */
  decodeBulk(): number
  /** @returns signals encoded */
  encode(): number
}

/**
 * @param frames how many, of the database's messages in turn
 * @param random 0 ≤ n < 1; the data's bits
 */
export function dbcWorkload(database: DbcDatabase, frames: number, random: () => number): DbcWorkload {
  const messages = database.messages.filter(({ signals }) => signals.length > 0)
  if (messages.length === 0) throw new RangeError('the database has no message with signals')
  const work = Array.from({ length: frames }, (_, n) => {
    const message = messages[n % messages.length] as DbcMessage
    const data = Uint8Array.from({ length: message.length }, () => Math.floor(random() * 256))
    const raws: Record<string, SignalInput> = {}
    for (const [name, { raw }] of decodeMessage(message, data)) raws[name] = raw
    const decoder = compileDecoder(message)
    return { message, data, raws, decoder, count: Object.keys(raws).length }
  })
  const widest = Math.max(...messages.map(({ signals }) => signals.length))
  const [physical, present] = [new Float64Array(widest), new Uint8Array(widest)]
  return {
    frames,
    signals: work.reduce((sum, { count }) => sum + count, 0),
    decode() {
      let signals = 0
      for (const { message, data } of work) signals += decodeMessage(message, data).size
      return signals
    },
    decodeBulk() {
      let signals = 0
      for (const { decoder, data } of work) signals += decoder.decodeInto(data, physical, present)
      return signals
    },
    encode() {
      let signals = 0
      for (const { message, raws, count } of work) {
        encodeMessage(message, raws, { raw: true })
        signals += count
      }
      return signals
    },
  }
}
