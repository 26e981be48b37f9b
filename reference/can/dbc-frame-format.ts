import type { CanFrame } from '../ports/can-bus.js'
import { decodeMessage, MessageTooShort, type DecodedSignal } from './dbc-codec.js'
import { frameKey, type DbcDatabase, type DbcMessage } from './dbc-model.js'

/** What a frame says by a database. */
export interface DecodedFrame {
  readonly message: DbcMessage
  /** By name, in the order of the file. */
  readonly signals: ReadonlyMap<string, DecodedSignal>
  /** Why there are no signals, or not all of them. */
  readonly problem?: string
}

/**
 * Of a frame that is shorter than its message, the signals that are wholly in it.
 * @returns undefined for a frame that the database does not have
 */
export function decodeFrame(database: DbcDatabase, frame: CanFrame): DecodedFrame | undefined {
  const message = database.byFrame.get(frameKey(frame))
  if (!message) return undefined
  if (frame.remote) return { message, signals: new Map(), problem: 'remote request' }
  const signals = decodeMessage(message, frame.data, { truncated: true })
  if (frame.data.length >= message.length) return { message, signals }
  return { message, signals, problem: new MessageTooShort(message, frame.data.length).message }
}

/** Without the noise of binary fractions: 0.1 × 3 is 0.3. */
function physicalText({ raw, physical }: DecodedSignal): string {
  // Every digit of an integer that a double does not hold.
  if (typeof raw === 'bigint' && physical === Number(raw)) return String(raw)
  return Number.isFinite(physical) ? String(Number(physical.toPrecision(15))) : String(physical)
}

/** Units and names of values are the file's own words: none of them ends a line or steers a terminal. */
const onOneLine = (text: string) => text.replace(/\p{Cc}/gu, '\uFFFD')

/** `Message(Speed: 12.5 km/h, Gear: Reverse)`, with the problem behind it, if any. */
export function formatDecodedFrame({ message, signals, problem }: DecodedFrame): string {
  const parts = message.signals.flatMap(({ name, unit }) => {
    const value = signals.get(name)
    if (!value) return []
    return [`${name}: ${value.valueName ?? `${physicalText(value)} ${unit}`.trimEnd()}`]
  })
  const said =
    problem !== undefined && parts.length === 0 ? message.name : `${message.name}(${parts.join(', ')})`
  return onOneLine(problem === undefined ? said : `${said}: ${problem}`)
}

/** JSON has no integers beyond 2⁵³ and no infinities: those are text. */
export type JsonNumber = number | string

export interface DecodedFrameJson {
  readonly message: string
  readonly problem?: string
  /** By name. */
  readonly signals: Readonly<Record<string, DecodedSignalJson>>
}

export interface DecodedSignalJson {
  /** Physical. */
  readonly value: JsonNumber
  readonly raw: JsonNumber
  /** The raw value's name in the signal's value table. */
  readonly name?: string
  readonly unit?: string
}

function jsonNumber(value: number | bigint): JsonNumber {
  return typeof value === 'number' && Number.isFinite(value) ? value : String(value)
}

/** The same, ready for JSON. */
export function decodedFrameJson({ message, signals, problem }: DecodedFrame): DecodedFrameJson {
  const entries = message.signals.flatMap(({ name, unit }) => {
    const signal = signals.get(name)
    if (!signal) return []
    const { raw, physical, valueName } = signal
    const json: DecodedSignalJson = {
      value: jsonNumber(physical),
      raw: jsonNumber(raw),
      ...(valueName === undefined ? {} : { name: valueName }),
      ...(unit === '' ? {} : { unit }),
    }
    return [[name, json] as const]
  })
  return {
    message: message.name,
    ...(problem === undefined ? {} : { problem }),
    signals: Object.fromEntries(entries),
  }
}
