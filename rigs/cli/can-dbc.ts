import { readFileSync } from 'node:fs'
import { decodeMessage, MessageTooShort, type DecodedSignal } from '../../reference/can/dbc-codec.js'
import { frameKey, type DbcDatabase, type DbcMessage } from '../../reference/can/dbc-model.js'
import { parseDbc } from '../../reference/can/dbc-parser.js'
import type { CanFrame } from '../../reference/ports/can-bus.js'
import { requireFile } from './can-log-file.js'

/**
 * Reads a DBC file: UTF-8, or else the code page of Windows that Vector's editor writes.
 * @throws UsageError, DbcSyntaxError
 */
export function readDbc(file: string): DbcDatabase {
  requireFile(file)
  const bytes = readFileSync(file)
  try {
    return parseDbc(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return parseDbc(new TextDecoder('windows-1252').decode(bytes))
  }
}

/** What a frame says by a DBC file; undefined for a frame that the file does not have, and for requests. */
export interface Decoded {
  readonly message: DbcMessage
  readonly signals: ReadonlyMap<string, DecodedSignal>
  /** The frame is shorter than its message: no signals. */
  readonly problem?: string
}

export function decodeFrame(database: DbcDatabase, frame: CanFrame): Decoded | undefined {
  const message = database.byFrame.get(frameKey(frame))
  if (!message || frame.remote) return undefined
  try {
    return { message, signals: decodeMessage(message, frame.data) }
  } catch (error) {
    if (!(error instanceof MessageTooShort)) throw error
    return { message, signals: new Map(), problem: error.message }
  }
}

/** Without the noise of binary fractions: 0.1 × 3 is 0.3. */
function physicalText({ raw, physical }: DecodedSignal): string {
  if (typeof raw === 'bigint' && physical === Number(raw)) return String(raw)
  return Number.isFinite(physical) ? String(Number(physical.toPrecision(15))) : String(physical)
}

/** `Message(Speed: 12.5 km/h, Gear: Reverse)` */
export function decodedText({ message, signals, problem }: Decoded): string {
  if (problem !== undefined) return `${message.name}: ${problem}`
  const unitOf = (name: string) => message.signals.find((signal) => signal.name === name)?.unit ?? ''
  const parts = Array.from(signals, ([name, value]) => {
    if (value.valueName !== undefined) return `${name}: ${value.valueName}`
    return `${name}: ${physicalText(value)} ${unitOf(name)}`.trimEnd()
  })
  return `${message.name}(${parts.join(', ')})`
}

/** For JSON, which has no integers beyond 2⁵³ and no infinities: those are texts. */
export function decodedJson({ message, signals, problem }: Decoded): object {
  const number = (value: number | bigint) =>
    typeof value === 'number' && Number.isFinite(value) ? value : String(value)
  return {
    message: message.name,
    ...(problem === undefined ? {} : { problem }),
    signals: Object.fromEntries(
      Array.from(signals, ([name, { raw, physical, valueName }]) => [
        name,
        {
          value: number(physical),
          raw: number(raw),
          ...(valueName === undefined ? {} : { name: valueName }),
          ...unitJson(message, name),
        },
      ]),
    ),
  }
}

function unitJson(message: DbcMessage, name: string): object {
  const unit = message.signals.find((signal) => signal.name === name)?.unit
  return unit ? { unit } : {}
}
