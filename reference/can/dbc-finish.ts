import { enumIndex } from './dbc-attributes.js'
import type { DbcCursor } from './dbc-cursor.js'
import { LONG_NAMES, type DbcDraft, type MessageDraft, type SignalDraft } from './dbc-draft.js'
import {
  frameKey,
  type DbcAttribute,
  type DbcAttributeDefinition,
  type DbcAttributeHolder,
  type DbcDatabase,
  type DbcMessage,
  type DbcNode,
  type DbcSignal,
} from './dbc-model.js'
import { j1939Id } from './j1939-id.js'
import { resolveMultiplexing } from './dbc-multiplexing.js'
import { requireFit } from './dbc-overlap.js'
import { fitsSignal } from './dbc-raw.js'

type Attributes = ReadonlyMap<string, DbcAttribute>

/** Bytes that an FD frame can have (ISO 11898-1, table 5). */
const FD_LENGTHS = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64])
/** VFrameFormat, where a file defines it as a plain number. */
const FRAME_FORMATS: ReadonlyMap<number, string> = new Map([
  [0, 'StandardCAN'],
  [1, 'ExtendedCAN'],
  [3, 'J1939PG'],
  [14, 'StandardCAN_FD'],
  [15, 'ExtendedCAN_FD'],
])

function text(attributes: Attributes, name: string): string | undefined {
  const value = attributes.get(name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * Messages of SAE J1939: VFrameFormat says so, or where a message has none, ProtocolType of the whole file.
 */
function messagesByPgn(
  messages: readonly DbcMessage[],
  protocol: DbcAttribute | undefined,
): Map<number, DbcMessage[]> {
  const groups = new Map<number, DbcMessage[]>()
  const wholeFile = typeof protocol === 'string' && /j1939/i.test(protocol)
  for (const message of messages) {
    const isJ1939 = message.frameFormat === 'J1939PG' || (wholeFile && message.frameFormat === undefined)
    if (!isJ1939 || !message.extended) continue
    const { pgn } = j1939Id(message.id)
    const group = groups.get(pgn)
    if (group) group.push(message)
    else groups.set(pgn, [message])
  }
  return groups
}

/** Closes a file that is read to its end. */
class Finish {
  readonly #cursor: DbcCursor
  readonly #definitions = new Map<string, DbcAttributeDefinition>()
  readonly #defaults: Readonly<Record<DbcAttributeHolder, ReadonlyMap<string, DbcAttribute>>>
  readonly #nodeNames = new Map<string, string>()

  constructor(private readonly draft: DbcDraft) {
    this.#cursor = draft.cursor
    const defaults: Record<DbcAttributeHolder, Map<string, DbcAttribute>> = {
      network: new Map(),
      node: new Map(),
      message: new Map(),
      signal: new Map(),
      'environment-variable': new Map(),
    }
    for (const [name, definition] of draft.definitions) {
      const written = draft.defaults.get(name)
      const value = written === undefined ? undefined : enumIndex(definition, written)
      this.#definitions.set(name, value === undefined ? definition : { ...definition, default: value })
      if (value !== undefined) defaults[definition.holder].set(name, value)
    }
    this.#defaults = defaults
    for (const { name, attributes } of draft.nodes.values()) {
      this.#nodeNames.set(name, text(attributes, LONG_NAMES.node) ?? name)
    }
  }

  /** Objects without attributes of their own share the defaults. */
  #attributes(holder: DbcAttributeHolder, own: Attributes | undefined): Attributes {
    const defaults = this.#defaults[holder]
    return own && own.size > 0 ? new Map([...defaults, ...own]) : defaults
  }

  #nodes(names: readonly string[]): string[] {
    return names.map((name) => this.#nodeNames.get(name) ?? name)
  }

  #enumText(attributes: Attributes, name: string): string | undefined {
    const value = attributes.get(name)
    if (typeof value !== 'number') return value === '' ? undefined : value
    return this.#definitions.get(name)?.values[value]
  }

  #initialRaw(signal: SignalDraft, attributes: Attributes): DbcSignal['initialRaw'] {
    const value = attributes.get('GenSigStartValue')
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
    if (signal.valueType !== 'float' && !Number.isInteger(value)) return undefined
    const raw = signal.valueType !== 'float' && signal.bitLength > 53 ? BigInt(value) : value
    if (fitsSignal(signal, raw)) return raw
    if (signal.attributes?.has('GenSigStartValue')) {
      this.#cursor.warn(
        `the initial value ${value} does not fit the bits of signal ${signal.name}`,
        signal.token,
      )
    }
    return undefined
  }

  #signal(draft: SignalDraft, longName: (name: string) => string): DbcSignal {
    const { token: _token, muxIndicator: _mux, attributes: own, multiplexing, ...rest } = draft
    const attributes = this.#attributes('signal', own)
    const initialRaw = this.#initialRaw(draft, attributes)
    return {
      ...rest,
      name: longName(draft.name),
      receivers: this.#nodes(draft.receivers),
      ...(multiplexing
        ? { multiplexing: { ...multiplexing, multiplexor: longName(multiplexing.multiplexor) } }
        : {}),
      attributes,
      ...(initialRaw === undefined ? {} : { initialRaw }),
    }
  }

  #frameFormat(attributes: Attributes): string | undefined {
    const value = attributes.get('VFrameFormat')
    if (this.#definitions.get('VFrameFormat')?.valueType === 'enum') {
      return this.#enumText(attributes, 'VFrameFormat')
    }
    return typeof value === 'number' ? FRAME_FORMATS.get(value) : undefined
  }

  /** From the name of a signal that the file's statements use to its full one. */
  #longNames(draft: MessageDraft): (name: string) => string {
    if (!this.#definitions.has(LONG_NAMES.signal)) return (name) => name
    const longNames = new Map<string, string>()
    const taken = new Set<string>()
    for (const { name, attributes, token } of draft.signals) {
      const long = (attributes && text(attributes, LONG_NAMES.signal)) ?? name
      if (taken.has(long)) this.#cursor.object(`signal ${long} is there twice`, token)
      longNames.set(name, taken.has(long) ? name : long)
      taken.add(long)
    }
    return (name) => longNames.get(name) ?? name
  }

  message(draft: MessageDraft): DbcMessage {
    const { token, attributes: own, signalsByName: _byName, ...rest } = draft
    requireFit(this.#cursor, draft, resolveMultiplexing(this.#cursor, draft))
    const longName = this.#longNames(draft)
    const attributes = this.#attributes('message', own)
    const cycle = attributes.get('GenMsgCycleTime')
    const sendType = this.#enumText(attributes, 'GenMsgSendType')
    const frameFormat = this.#frameFormat(attributes)
    const fd =
      frameFormat === undefined ? draft.length > 8 && draft.length <= 64 : frameFormat.endsWith('_FD')
    if (fd && !FD_LENGTHS.has(draft.length)) {
      this.#cursor.warn(`message ${draft.name} has ${draft.length} bytes, which no FD frame has`, token)
    } else if (!fd && frameFormat !== 'J1939PG' && draft.length > 8) {
      this.#cursor.warn(`message ${draft.name} has ${draft.length} bytes, which no classic frame has`, token)
    }
    return {
      ...rest,
      name: text(own, LONG_NAMES.message) ?? draft.name,
      sender: this.#nodeNames.get(draft.sender) ?? draft.sender,
      senders: this.#nodes(draft.senders),
      signals: draft.signals.map((signal) => this.#signal(signal, longName)),
      signalGroups: draft.signalGroups.map((group) => ({ ...group, signals: group.signals.map(longName) })),
      attributes,
      ...(typeof cycle === 'number' && cycle > 0 ? { cycleTimeMs: cycle } : {}),
      ...(sendType === undefined ? {} : { sendType }),
      ...(frameFormat === undefined ? {} : { frameFormat }),
      fd,
    }
  }

  nodes(): DbcNode[] {
    return [...this.draft.nodes.values()].map(({ name, attributes, comment }) => ({
      name: this.#nodeNames.get(name) ?? name,
      ...(comment === undefined ? {} : { comment }),
      attributes: this.#attributes('node', attributes),
    }))
  }

  database(): DbcDatabase {
    const { draft } = this
    const byName = new Map<string, DbcMessage>()
    const byFrame = new Map<number, DbcMessage>()
    const messages: DbcMessage[] = []
    for (const messageDraft of draft.messages) {
      const message = this.message(messageDraft)
      const twice = (what: string) =>
        this.#cursor.object(`message ${what} is there twice`, messageDraft.token)
      if (byName.has(message.name)) twice(message.name)
      if (byFrame.has(frameKey(message))) twice(`id ${message.id}`)
      messages.push(message)
      byName.set(message.name, message)
      byFrame.set(frameKey(message), message)
    }
    const nodes = this.nodes()
    const network = this.#attributes('network', draft.attributes)
    return {
      version: draft.version,
      ...(draft.comment === undefined ? {} : { comment: draft.comment }),
      nodes: nodes.map(({ name }) => name),
      nodesByName: new Map(nodes.map((node) => [node.name, node])),
      messages,
      byName,
      byFrame,
      byPgn: messagesByPgn(messages, network.get('ProtocolType')),
      valueTables: draft.valueTables,
      environmentVariables: draft.environmentVariables,
      attributeDefinitions: this.#definitions,
      attributes: network,
      warnings: this.#cursor.warnings.sort((a, b) => a.line - b.line || a.column - b.column),
    }
  }
}

/** Checks what only the whole file can tell, and closes it. */
export function finishDatabase(draft: DbcDraft): DbcDatabase {
  return new Finish(draft).database()
}
