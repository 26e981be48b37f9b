import type { DbcCursor } from './dbc-cursor.js'
import type { DbcToken } from './dbc-lexer.js'
import type {
  DbcAttribute,
  DbcAttributeDefinition,
  DbcEnvironmentVariable,
  DbcMultiplexing,
  DbcSignal,
  DbcSignalGroup,
  RawValue,
} from './dbc-model.js'

type Draft<T> = { -readonly [K in keyof T]: T[K] }

/** Names an object by a long name, where the file's 32 characters do not do. */
export const LONG_NAMES = {
  node: 'SystemNodeLongSymbol',
  message: 'SystemMessageLongSymbol',
  signal: 'SystemSignalLongSymbol',
} as const

export interface SignalDraft extends Draft<Omit<DbcSignal, 'attributes' | 'initialRaw'>> {
  readonly token: DbcToken
  /** `M`, `m3` or `m3M` */
  readonly muxIndicator: string | undefined
  multiplexing?: DbcMultiplexing
  attributes?: Map<string, DbcAttribute>
}

export interface MessageDraft {
  readonly token: DbcToken
  readonly id: number
  readonly extended: boolean
  readonly name: string
  readonly length: number
  readonly sender: string
  readonly senders: string[]
  readonly signals: SignalDraft[]
  /** By the name that the file's statements use. */
  readonly signalsByName: Map<string, SignalDraft>
  readonly signalGroups: DbcSignalGroup[]
  readonly attributes: Map<string, DbcAttribute>
  comment?: string
}

export interface NodeDraft {
  readonly name: string
  readonly attributes: Map<string, DbcAttribute>
  comment?: string
}

/** What has been read of a file so far. */
export class DbcDraft {
  version = ''
  comment: string | undefined
  readonly nodes = new Map<string, NodeDraft>()
  readonly messages: MessageDraft[] = []
  /** By the id as the file writes it; undefined for those that hold signals of no message. */
  readonly byDbcId = new Map<number, MessageDraft | undefined>()
  readonly valueTables = new Map<string, ReadonlyMap<RawValue, string>>()
  readonly environmentVariables = new Map<string, Draft<DbcEnvironmentVariable>>()
  readonly definitions = new Map<string, DbcAttributeDefinition>()
  readonly defaults = new Map<string, DbcAttribute>()
  readonly attributes = new Map<string, DbcAttribute>()
  /** Statements about objects that may stand further down in the file. */
  readonly later: (() => void)[] = []

  constructor(readonly cursor: DbcCursor) {}

  /**
   * The message that a statement is about. A statement about none changes no frame, so it is a warning; signals that
   * belong to no message are passed over in silence.
   */
  findMessage(token: DbcToken, dbcId: number): MessageDraft | undefined {
    const message = this.byDbcId.get(dbcId)
    if (!message && !this.byDbcId.has(dbcId)) this.cursor.warn(`there is no message ${dbcId}`, token)
    return message
  }
}

/** A place in the file that names a message. */
export interface MessageReference {
  readonly token: DbcToken
  readonly dbcId: number
}

export interface SignalReference extends MessageReference {
  readonly signal: DbcToken
}

export function takeMessageReference(cursor: DbcCursor): MessageReference {
  const token = cursor.next
  return { token, dbcId: cursor.takeCount('a message id') }
}

export function takeSignalReference(cursor: DbcCursor): SignalReference {
  return { ...takeMessageReference(cursor), signal: cursor.takeWordToken('a signal name') }
}

/** Does something to the signal that a statement names, once all messages are read. */
export function withSignal(
  draft: DbcDraft,
  reference: SignalReference,
  run: (signal: SignalDraft, message: MessageDraft) => void,
): void {
  draft.later.push(() => {
    const message = draft.findMessage(reference.token, reference.dbcId)
    if (!message) return
    const signal = message.signalsByName.get(reference.signal.text)
    if (signal) run(signal, message)
    else draft.cursor.warn(`message ${message.name} has no signal ${reference.signal.text}`, reference.signal)
  })
}

export function withMessage(
  draft: DbcDraft,
  reference: MessageReference,
  run: (message: MessageDraft) => void,
): void {
  draft.later.push(() => {
    const message = draft.findMessage(reference.token, reference.dbcId)
    if (message) run(message)
  })
}
