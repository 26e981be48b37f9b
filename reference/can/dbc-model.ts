import { UsageFault } from '../ports/faults.js'

/** What a DBC file says, as far as frames need it. */

/** A raw value: a number for signals of up to 53 bits and floats, a bigint for longer integers. */
export type RawValue = number | bigint

/** Enumerations stand as the index of their value, or as text where the definition lacks that text. */
export type DbcAttribute = number | string

export type DbcAttributeHolder = 'network' | 'node' | 'message' | 'signal' | 'environment-variable'

export interface DbcAttributeDefinition {
  readonly name: string
  readonly holder: DbcAttributeHolder
  readonly valueType: 'int' | 'hex' | 'float' | 'enum' | 'string'
  /** The values of an enumeration, else empty. */
  readonly values: readonly string[]
  readonly default?: DbcAttribute
}

/** A signal that is only there while its multiplexor has one of these values. */
export interface DbcMultiplexing {
  readonly multiplexor: string
  /** Inclusive ranges of the multiplexor's bits read as an unsigned number. */
  readonly ranges: readonly (readonly [number, number])[]
}

/** Where a signal lies in its frame. */
export interface DbcSignalLayout {
  /** Start bit as the file counts it: the least significant bit (Intel) or the most significant one (Motorola). */
  readonly startBit: number
  /** 1…512. */
  readonly bitLength: number
  readonly byteOrder: 'intel' | 'motorola'
}

export interface DbcSignal extends DbcSignalLayout {
  /** The long name, where the file has one. */
  readonly name: string
  readonly valueType: 'unsigned' | 'signed' | 'float'
  /** physical = raw × factor + offset */
  readonly factor: number
  readonly offset: number
  /** Physical limits; undefined where the file says `[0|0]`. */
  readonly limits?: { readonly min: number; readonly max: number }
  readonly unit: string
  /** `Vector__XXX` stands for no node. */
  readonly receivers: readonly string[]
  /** Value table: raw value to its name; look up by `valueNameOf`. */
  readonly valueNames: ReadonlyMap<RawValue, string>
  readonly isMultiplexor: boolean
  readonly multiplexing?: DbcMultiplexing
  readonly comment?: string
  readonly attributes: ReadonlyMap<string, DbcAttribute>
  /** Raw value before the first frame, from GenSigStartValue; undefined where that is not given or does not fit. */
  readonly initialRaw?: RawValue
}

export interface DbcSignalGroup {
  readonly name: string
  readonly signals: readonly string[]
}

export interface DbcMessage {
  readonly id: number
  readonly extended: boolean
  /** The long name, where the file has one. */
  readonly name: string
  /** Data length, bytes: 0…64; longer ones are carried by a transport protocol. */
  readonly length: number
  /** `Vector__XXX` stands for no node. */
  readonly sender: string
  /** All that may send it, `sender` first. */
  readonly senders: readonly string[]
  readonly signals: readonly DbcSignal[]
  readonly signalGroups: readonly DbcSignalGroup[]
  readonly comment?: string
  /** With the file's defaults for those that are not given. */
  readonly attributes: ReadonlyMap<string, DbcAttribute>
  /** Milliseconds, from the attribute GenMsgCycleTime; undefined for messages that are not cyclic. */
  readonly cycleTimeMs?: number
  /** From the attribute GenMsgSendType. */
  readonly sendType?: string
  /** From the attribute VFrameFormat: `StandardCAN`, `ExtendedCAN`, `J1939PG`, `StandardCAN_FD` or `ExtendedCAN_FD`. */
  readonly frameFormat?: string
  /** Whether it is a CAN FD frame: `frameFormat` says so, or without one its length, which no classic frame has. */
  readonly fd: boolean
}

export interface DbcNode {
  readonly name: string
  readonly comment?: string
  readonly attributes: ReadonlyMap<string, DbcAttribute>
}

export interface DbcEnvironmentVariable {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly unit: string
  readonly initialValue: number
  readonly comment?: string
  readonly valueNames: ReadonlyMap<RawValue, string>
}

/** Something in the file that is doubtful, but leaves its frames readable. */
export interface DbcWarning {
  readonly line: number
  readonly column: number
  readonly problem: string
  /** A statement or a signal that is not in the database; to a lenient reader only. */
  readonly leftOut?: true
}

export interface DbcDatabase {
  readonly version: string
  readonly comment?: string
  /** Names of the nodes. */
  readonly nodes: readonly string[]
  readonly nodesByName: ReadonlyMap<string, DbcNode>
  readonly messages: readonly DbcMessage[]
  /** By name. */
  readonly byName: ReadonlyMap<string, DbcMessage>
  /** Those of SAE J1939, by the parameter group that their ids stand for. */
  readonly byPgn: ReadonlyMap<number, readonly DbcMessage[]>
  /** By `frameKey`. */
  readonly byFrame: ReadonlyMap<number, DbcMessage>
  readonly valueTables: ReadonlyMap<string, ReadonlyMap<RawValue, string>>
  readonly environmentVariables: ReadonlyMap<string, DbcEnvironmentVariable>
  readonly attributeDefinitions: ReadonlyMap<string, DbcAttributeDefinition>
  /** Those of the network. */
  readonly attributes: ReadonlyMap<string, DbcAttribute>
  /** In the order of the file. */
  readonly warnings: readonly DbcWarning[]
}

/** Thrown for a text that is no DBC file, with the place. Lines and columns count from 1. */
export class DbcSyntaxError extends UsageFault {
  override readonly name = 'DbcSyntaxError'
  constructor(
    readonly line: number,
    readonly column: number,
    /** What is wrong, without the place. */
    readonly problem: string,
    { file, mend }: { readonly file?: string; readonly mend?: string } = {},
  ) {
    super(
      `${file ?? 'DBC'}, line ${line}, column ${column}: ${problem}${mend === undefined ? '' : `. ${mend}`}`,
    )
  }
}

/** Thrown when a message is asked for by a name that the database does not have. */
export class UnknownDbcMessage extends UsageFault {
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

/** Integers that a double holds exactly are numbers, whatever length their signal has; others are bigints. */
export function valueTableKey(raw: RawValue): RawValue {
  if (typeof raw === 'number') return raw
  const number = Number(raw)
  return Number.isSafeInteger(number) ? number : raw
}

/** The name of a raw value in the signal's value table. */
export function valueNameOf(signal: DbcSignal, raw: RawValue): string | undefined {
  return signal.valueNames.size === 0 ? undefined : signal.valueNames.get(valueTableKey(raw))
}
