import type { CanFrame } from '../ports/can-bus.js'
import { decodeMessage, MessageTooShort, type DecodedSignal } from './dbc-codec.js'
import { J1939_ANY_ADDRESS, j1939Id, type J1939Id } from './j1939-id.js'
import { frameKey, type DbcDatabase, type DbcMessage } from './dbc-model.js'

/** What a frame says by a database. */
export interface DecodedFrame {
  readonly message: DbcMessage
  /** By name, in the order of the file. */
  readonly signals: ReadonlyMap<string, DecodedSignal>
  /** Why there are no signals, or not all of them. */
  readonly problem?: string
  /** Of a message of SAE J1939. */
  readonly j1939?: J1939Id
}

/** The message with this id; of SAE J1939 the one of this parameter group, whatever priority and addresses. */
function findMessage(database: DbcDatabase, frame: CanFrame): DbcMessage | undefined {
  const exact = database.byFrame.get(frameKey(frame))
  if (exact || !frame.extended || database.byPgn.size === 0) return exact
  const { pgn, source } = j1939Id(frame.id)
  const group = database.byPgn.get(pgn)
  const bySource = (wanted: (source: number) => boolean) =>
    group?.find(({ id }) => wanted(j1939Id(id).source))
  return (
    bySource((own) => own === source) ??
    bySource((own) => J1939_ANY_ADDRESS.has(own)) ??
    // A file with the one sender that it was made for still says what the group means.
    (group?.length === 1 ? group[0] : undefined)
  )
}

/**
 * Of a frame that is shorter than its message, the signals that are wholly in it.
 * @returns undefined for a frame that the database does not have
 */
export function decodeFrame(database: DbcDatabase, frame: CanFrame): DecodedFrame | undefined {
  const message = findMessage(database, frame)
  if (!message) return undefined
  const isJ1939 = message.extended && database.byPgn.get(j1939Id(message.id).pgn)?.includes(message)
  const head = { message, ...(isJ1939 ? { j1939: j1939Id(frame.id) } : {}) }
  if (frame.remote) return { ...head, signals: new Map(), problem: 'remote request' }
  const signals = decodeMessage(message, frame.data, { truncated: true })
  if (frame.data.length >= message.length) return { ...head, signals }
  return { ...head, signals, problem: new MessageTooShort(message, frame.data.length).message }
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
export function formatDecodedFrame({ message, signals, problem, j1939 }: DecodedFrame): string {
  const parts = message.signals.flatMap(({ name, unit }) => {
    const value = signals.get(name)
    if (!value) return []
    return [`${name}: ${value.valueName ?? `${physicalText(value)} ${unit}`.trimEnd()}`]
  })
  const values =
    problem !== undefined && parts.length === 0 ? message.name : `${message.name}(${parts.join(', ')})`
  const said = j1939 ? `${values} ${j1939Text(j1939)}` : values
  return onOneLine(problem === undefined ? said : `${said}: ${problem}`)
}

const address = (number: number) => `0x${number.toString(16).toUpperCase().padStart(2, '0')}`

/** `[PGN 59904, 0xF9 to 0xFF]` */
function j1939Text({ pgn, source, destination }: J1939Id): string {
  const way =
    destination === undefined ? `from ${address(source)}` : `${address(source)} to ${address(destination)}`
  return `[PGN ${pgn}, ${way}]`
}

/** JSON has no integers beyond 2⁵³ and no infinities: those are text. */
export type JsonNumber = number | string

export interface DecodedFrameJson {
  readonly message: string
  readonly problem?: string
  /** Of a message of SAE J1939. */
  readonly j1939?: J1939Id
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
export function decodedFrameJson({ message, signals, problem, j1939 }: DecodedFrame): DecodedFrameJson {
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
    ...(j1939 ? { j1939 } : {}),
    signals: Object.fromEntries(entries),
  }
}
