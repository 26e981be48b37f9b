import {
  decodeMessage,
  encodeMessage,
  SignalNotEncodable,
  type SignalInput,
} from '../../reference/can/dbc-codec.js'
import { decodedFrameJson, decodeFrame, formatDecodedFrame } from '../../reference/can/dbc-frame-format.js'
import { initialData } from '../../reference/can/dbc-initial.js'
import { DbcSyntaxError, type DbcDatabase } from '../../reference/can/dbc-model.js'
import { parseDbc } from '../../reference/can/dbc-parser.js'
import { readDbcText } from '../../reference/can/dbc-text.js'
import type { Draws } from './draws.js'
import { DBC_SAMPLE } from './dbc-sample.js'
import type { FuzzTarget } from './fuzz.js'

export interface DbcFuzzInput {
  readonly bytes: Uint8Array
  readonly strict: boolean
  /** Data for the messages of what could be read. */
  readonly frames: readonly Uint8Array[]
}

const ALPHABET = '0123456789-+.eE"\\;:|@()[],mM_ \n\r/§'
const PIECES = [
  ...[
    'SG_',
    'BO_',
    'VAL_',
    'CM_',
    'BA_',
    'BU_',
    'EV_',
    'SG_MUL_VAL_',
    'NS_',
    'SIG_VALTYPE_',
    'FILTER',
    'FOO_',
  ],
  ...['"', ';', ':', '|', '@0', '@1', '-1', '1e999', '1E-005', '0x1F', '18446744073709551616', '3221225472'],
  ...['m1M', 'M', 'm4294967295', 'Vector__XXX', '\uFEFF', '//', '[9|1]', '(0,0)', '0|513', '\0'],
]
const LINES = DBC_SAMPLE.split('\n')

function movedLines(draws: Draws): string {
  const lines = [...LINES]
  for (let changes = 1 + draws.below(4); changes > 0; changes--) {
    const [line] = lines.splice(draws.below(lines.length), draws.chance(0.8) ? 1 : 0)
    if (!draws.chance(0.3)) lines.splice(draws.below(lines.length + 1), 0, line ?? draws.pick(LINES))
  }
  return lines.join('\n')
}

function noise(draws: Draws): string {
  return Array.from({ length: draws.below(60) }, () =>
    draws.chance(0.6) ? draws.pick(PIECES) : ALPHABET.charAt(draws.below(ALPHABET.length)),
  ).join(draws.chance(0.5) ? ' ' : '')
}

function insertedPieces(draws: Draws): string {
  let text = DBC_SAMPLE
  for (let changes = 1 + draws.below(3); changes > 0; changes--) {
    const at = draws.below(text.length + 1)
    text = text.slice(0, at) + draws.pick(PIECES) + text.slice(at + draws.below(6))
  }
  return text
}

/** A few of the sample's digits changed: most of it stays readable, other bits overlap or switch. */
function changedDigits(draws: Draws): string {
  let text = DBC_SAMPLE
  for (let changes = 1 + draws.below(4); changes > 0; changes--) {
    const at = text.slice(draws.below(text.length)).search(/\d/) + 1
    const from = text.length - at
    text = text.slice(0, from) + text.slice(from).replace(/\d/, String(draws.below(10)))
  }
  return text
}

function makeText(draws: Draws): string {
  const kind = draws.below(10)
  if (kind < 3) return movedLines(draws)
  if (kind < 5) return insertedPieces(draws)
  if (kind < 7) return changedDigits(draws)
  if (kind < 9) return draws.mutate(DBC_SAMPLE, ALPHABET)
  return noise(draws)
}

function take(database: DbcDatabase, frames: readonly Uint8Array[]): void {
  for (const [n, message] of database.messages.entries()) {
    const data = frames[n % frames.length] as Uint8Array
    const decoded = decodeFrame(database, { id: message.id, extended: message.extended, data })
    if (decoded) {
      formatDecodedFrame(decoded)
      JSON.stringify(decodedFrameJson(decoded))
    }
    try {
      initialData(message)
      const long = new Uint8Array(Math.max(64, message.length))
      long.set(data.subarray(0, long.length))
      const raws: Record<string, SignalInput> = {}
      for (const [name, { raw }] of decodeMessage(message, long)) raws[name] = raw
      encodeMessage(message, raws, { raw: true })
    } catch (error) {
      // A lenient reader lets signals pass that lie beyond their message.
      if (!(error instanceof SignalNotEncodable)) throw error
    }
  }
}

/** Texts of DBC files, strict and lenient, and random frames of what could be read. */
export const dbcFuzz: FuzzTarget<DbcFuzzInput> = {
  name: 'dbc',
  make: (draws) => {
    const bytes = new TextEncoder().encode(makeText(draws))
    // Bytes that are no UTF-8.
    if (draws.chance(0.05) && bytes.length > 0) bytes[draws.below(bytes.length)] = 128 + draws.below(128)
    return {
      bytes,
      strict: draws.chance(0.5),
      frames: [draws.bytes(64), draws.bytes(draws.below(65))],
    }
  },
  take: ({ bytes, strict, frames }) => take(parseDbc(readDbcText(bytes), { strict }), frames),
  rejections: [DbcSyntaxError],
  show: ({ bytes, strict }) => `${strict ? 'strict' : 'lenient'} ${JSON.stringify(readDbcText(bytes))}`,
}
