import type { CanFrame } from '../ports/can-bus.js'
import { frameName } from './can-frame-check.js'
import { decodeMessage, MessageTooShort, type DecodedSignal } from './dbc-codec.js'
import { frameKey, type DbcDatabase, type DbcMessage } from './dbc-model.js'

/** JSON has neither bigints nor infinities: they are text. */
export type JsonNumber = number | string

export interface FormattedSignal {
  readonly name: string
  readonly raw: JsonNumber
  readonly physical: JsonNumber
  readonly unit: string
  readonly valueName?: string
}

/** A frame in the words of a database, ready for JSON. */
export interface FormattedFrame {
  /** e.g. `0x420` or `0x18DAF110 (29 bit)` */
  readonly frame: string
  /** Undefined for a frame that the database does not have. */
  readonly message?: string
  readonly signals: readonly FormattedSignal[]
  /** Why there are no signals, or not all of them. */
  readonly problem?: string
}

function jsonNumber(value: number | bigint): JsonNumber {
  return typeof value === 'bigint' || !Number.isFinite(value) ? String(value) : value
}

function formattedSignals(
  message: DbcMessage,
  decoded: ReadonlyMap<string, DecodedSignal>,
): FormattedSignal[] {
  return message.signals.flatMap(({ name, unit }) => {
    const signal = decoded.get(name)
    if (!signal) return []
    const { raw, physical, valueName } = signal
    return [
      {
        name,
        raw: jsonNumber(raw),
        physical: jsonNumber(physical),
        unit,
        ...(valueName === undefined ? {} : { valueName }),
      },
    ]
  })
}

/** What a frame says. Of a frame that is shorter than its message, the signals that are wholly in it. */
export function decodeFrame(database: DbcDatabase, frame: CanFrame): FormattedFrame {
  const name = frameName(frame)
  const message = database.byFrame.get(frameKey(frame))
  if (!message) return { frame: name, signals: [], problem: 'no message of the database has this id' }
  if (frame.remote) return { frame: name, message: message.name, signals: [], problem: 'a remote frame' }
  const signals = formattedSignals(message, decodeMessage(message, frame.data, { truncated: true }))
  if (frame.data.length >= message.length) return { frame: name, message: message.name, signals }
  const { message: problem } = new MessageTooShort(message, frame.data.length)
  return { frame: name, message: message.name, signals, problem }
}

/** The same as text: a line for the frame, then one for each signal, indented by two blanks. */
export function formatDecodedFrame(database: DbcDatabase, frame: CanFrame): string[] {
  const { frame: name, message, signals, problem } = decodeFrame(database, frame)
  const head = [name, message, problem === undefined ? undefined : `(${problem})`]
  return [
    head.filter((part) => part !== undefined).join(' '),
    ...signals.map(({ name: signal, raw, physical, unit, valueName }) => {
      const value = `${physical}${unit === '' ? '' : ` ${unit}`}`
      const notes = [...(valueName === undefined ? [] : [JSON.stringify(valueName)]), `raw ${raw}`]
      return `  ${signal}: ${value} (${notes.join(', ')})`
    }),
  ]
}
