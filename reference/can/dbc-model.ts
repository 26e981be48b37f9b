/** What a DBC file says, as far as frames need it. */

export type DbcAttribute = number | string

/** A signal that is only there while its multiplexor has one of these values. */
export interface DbcMultiplexing {
  readonly multiplexor: string
  /** Inclusive ranges of the multiplexor's raw value. */
  readonly ranges: readonly (readonly [number, number])[]
}

export interface DbcSignal {
  readonly name: string
  /** Start bit as the file counts it: the least significant bit (Intel) or the most significant one (Motorola). */
  readonly startBit: number
  readonly bitLength: number
  readonly byteOrder: 'intel' | 'motorola'
  readonly valueType: 'unsigned' | 'signed' | 'float'
  /** physical = raw × factor + offset */
  readonly factor: number
  readonly offset: number
  /** Physical limits; undefined where the file says `[0|0]`. */
  readonly limits?: { readonly min: number; readonly max: number }
  readonly unit: string
  readonly receivers: readonly string[]
  /** Value table: raw value to its name. */
  readonly valueNames: ReadonlyMap<number, string>
  readonly isMultiplexor: boolean
  readonly multiplexing?: DbcMultiplexing
  readonly comment?: string
  /** Bit positions in the frame, least significant bit first: byte × 8 + bit in the byte. */
  readonly bits: readonly number[]
}

export interface DbcMessage {
  readonly id: number
  readonly extended: boolean
  readonly name: string
  /** Data length, bytes. */
  readonly length: number
  readonly sender: string
  readonly signals: readonly DbcSignal[]
  readonly comment?: string
  /** With the file's defaults for those that are not given. */
  readonly attributes: ReadonlyMap<string, DbcAttribute>
  /** Milliseconds, from the attribute GenMsgCycleTime; undefined for messages that are not cyclic. */
  readonly cycleTimeMs?: number
}

export interface DbcDatabase {
  readonly version: string
  readonly nodes: readonly string[]
  readonly messages: readonly DbcMessage[]
  /** By name. */
  readonly byName: ReadonlyMap<string, DbcMessage>
  /** By `frameKey`. */
  readonly byFrame: ReadonlyMap<number, DbcMessage>
}

/** Thrown for a text that is no DBC file, with the place. Lines and columns count from 1. */
export class DbcSyntaxError extends Error {
  override readonly name = 'DbcSyntaxError'
  constructor(
    readonly line: number,
    readonly column: number,
    problem: string,
  ) {
    super(`DBC, line ${line}, column ${column}: ${problem}`)
  }
}

/** Thrown when a message is asked for by a name that the database does not have. */
export class UnknownDbcMessage extends Error {
  override readonly name = 'UnknownDbcMessage'
  constructor(message: string) {
    super(`the DBC file has no message ${message}`)
  }
}

/** One number for id and format: 11-bit and 29-bit frames of the same id differ. */
export function frameKey(frame: { readonly id: number; readonly extended: boolean }): number {
  return frame.id + (frame.extended ? 0x80000000 : 0)
}

/** @throws UnknownDbcMessage */
export function dbcMessage(database: DbcDatabase, name: string): DbcMessage {
  const message = database.byName.get(name)
  if (!message) throw new UnknownDbcMessage(name)
  return message
}
