import { DbcCursor } from './dbc-cursor.js'
import { finishDatabase, signalBits, type MessageDraft, type SignalDraft } from './dbc-draft.js'
import type { DbcAttribute, DbcDatabase } from './dbc-model.js'

/** Bit 31 of a DBC message id marks a 29-bit identifier. */
const EXTENDED_FLAG = 0x80000000
/** Holds signals that belong to no message; they are not frames. */
const ORPHAN_SIGNALS = 'VECTOR__INDEPENDENT_SIG_MSG'
/** Frames end here: FD's longest (J1939's longer, segmented messages are no frames). */
const MAX_LENGTH_BYTES = 64

interface Draft {
  version: string
  readonly nodes: string[]
  readonly messages: MessageDraft[]
  readonly byDbcId: Map<number, MessageDraft>
  /** Defaults of attributes of any object; a message takes those that are defined for messages. */
  readonly defaults: Map<string, DbcAttribute>
  readonly messageAttributes: Set<string>
}

function parseSignal(cursor: DbcCursor): SignalDraft {
  const token = cursor.next
  const name = cursor.takeWord('a signal name')
  const muxToken = cursor.next
  const muxIndicator = cursor.takeIf('sign', ':')
    ? undefined
    : cursor.takeWord('":" or a multiplexer indicator')
  if (muxIndicator !== undefined) {
    if (!/^(M|m\d+M?)$/.test(muxIndicator))
      cursor.fail(`${muxIndicator} is no multiplexer indicator`, muxToken)
    cursor.takeSign(':')
  }
  const startBit = cursor.takeCount('a start bit', MAX_LENGTH_BYTES * 8 - 1)
  cursor.takeSign('|')
  const bitLength = cursor.takeCount('a length in bits', 64)
  if (bitLength === 0) cursor.fail(`signal ${name} has no bits`, token)
  cursor.takeSign('@')
  const byteOrder = cursor.takeCount('a byte order', 1) === 1 ? 'intel' : 'motorola'
  const signed = cursor.takeIf('sign', '-')
  if (!signed) cursor.takeSign('+')
  cursor.takeSign('(')
  const factor = cursor.takeNumber('a factor')
  cursor.takeSign(',')
  const offset = cursor.takeNumber('an offset')
  cursor.takeSign(')')
  cursor.takeSign('[')
  const min = cursor.takeNumber('a minimum')
  cursor.takeSign('|')
  const max = cursor.takeNumber('a maximum')
  cursor.takeSign(']')
  if (factor === 0) cursor.fail(`signal ${name} has the factor 0`, token)
  const unit = cursor.takeString('a unit')
  const receivers = [cursor.takeWord('a receiver')]
  while (cursor.takeIf('sign', ',')) receivers.push(cursor.takeWord('a receiver'))
  return {
    token,
    muxIndicator,
    name,
    startBit,
    bitLength,
    byteOrder,
    valueType: signed ? 'signed' : 'unsigned',
    factor,
    offset,
    ...(min < max ? { limits: { min, max } } : {}),
    unit,
    receivers,
    valueNames: new Map(),
    isMultiplexor: muxIndicator?.endsWith('M') ?? false,
    bits: signalBits(startBit, bitLength, byteOrder),
  }
}

function parseMessage(cursor: DbcCursor, draft: Draft): void {
  const idToken = cursor.next
  const dbcId = cursor.takeCount('a message id')
  const token = cursor.next
  const name = cursor.takeWord('a message name')
  cursor.takeSign(':')
  const length = cursor.takeCount('a length in bytes', MAX_LENGTH_BYTES)
  const sender = cursor.takeWord('a sender')
  const signals: SignalDraft[] = []
  while (cursor.takeIf('word', 'SG_')) signals.push(parseSignal(cursor))
  if (name === ORPHAN_SIGNALS) return
  const extended = dbcId >= EXTENDED_FLAG
  const id = extended ? dbcId - EXTENDED_FLAG : dbcId
  if (id > (extended ? 0x1fffffff : 0x7ff)) {
    cursor.fail(`${dbcId} is no 11-bit id, and as a 29-bit id it lacks bit 31 or has too many`, idToken)
  }
  const repeated = signals.find((signal, i) => signals.findIndex((other) => other.name === signal.name) < i)
  if (repeated) cursor.fail(`signal ${repeated.name} is there twice`, repeated.token)
  const ownAttributes = new Map<string, DbcAttribute>()
  const message = { token, id, extended, name, length, sender, signals, ownAttributes, attributes: new Map() }
  if (draft.byDbcId.has(dbcId)) cursor.fail(`message id ${dbcId} is there twice`, idToken)
  draft.messages.push(message)
  draft.byDbcId.set(dbcId, message)
}

/** The message that a statement refers to; undefined for one that holds orphan signals. */
function takeMessage(cursor: DbcCursor, draft: Draft): MessageDraft | undefined {
  const token = cursor.next
  const dbcId = cursor.takeCount('a message id')
  const message = draft.byDbcId.get(dbcId)
  if (!message && dbcId !== 0xc0000000) cursor.fail(`there is no message ${dbcId}`, token)
  return message
}

function takeSignal(cursor: DbcCursor, draft: Draft): SignalDraft | undefined {
  const message = takeMessage(cursor, draft)
  const token = cursor.next
  const name = cursor.takeWord('a signal name')
  const signal = message?.signals.find((candidate) => candidate.name === name)
  if (message && !signal) cursor.fail(`message ${message.name} has no signal ${name}`, token)
  return signal
}

function parseComment(cursor: DbcCursor, draft: Draft): void {
  let target: MessageDraft | SignalDraft | undefined
  if (cursor.takeIf('word', 'BO_')) target = takeMessage(cursor, draft)
  else if (cursor.takeIf('word', 'SG_')) target = takeSignal(cursor, draft)
  else if (cursor.takeIf('word', 'BU_') || cursor.takeIf('word', 'EV_')) cursor.takeWord('a name')
  const text = cursor.takeString('a comment')
  if (target) target.comment = text
  cursor.takeSign(';')
}

function takeAttributeValue(cursor: DbcCursor): DbcAttribute {
  return cursor.next.kind === 'string'
    ? cursor.takeString('a value')
    : cursor.takeNumber('the value of an attribute')
}

function parseAttribute(cursor: DbcCursor, draft: Draft): void {
  const name = cursor.takeString('the name of an attribute')
  if (!cursor.takeIf('word', 'BO_')) return cursor.skipStatement()
  const message = takeMessage(cursor, draft)
  message?.ownAttributes.set(name, takeAttributeValue(cursor))
  cursor.takeSign(';')
}

function parseValueNames(cursor: DbcCursor, draft: Draft): void {
  // VAL_ also names the values of environment variables, which no frame carries.
  if (cursor.next.kind === 'word') return cursor.skipStatement()
  const signal = takeSignal(cursor, draft)
  const names = new Map<number, string>()
  while (!cursor.takeIf('sign', ';'))
    names.set(cursor.takeNumber('a value or ";"'), cursor.takeString('its name'))
  if (signal) signal.valueNames = names
}

function parseFloatType(cursor: DbcCursor, draft: Draft): void {
  const signal = takeSignal(cursor, draft)
  cursor.takeIf('sign', ':')
  if (cursor.takeCount('a value type', 3) > 0 && signal) signal.valueType = 'float'
  cursor.takeSign(';')
}

function parseMultiplexRanges(cursor: DbcCursor, draft: Draft): void {
  const signal = takeSignal(cursor, draft)
  const multiplexor = cursor.takeWord('a multiplexor')
  const ranges: [number, number][] = []
  do {
    const from = cursor.takeCount('a value')
    // "3-5" reads as the numbers 3 and -5
    ranges.push([from, Math.abs(cursor.takeNumber('the end of a range'))])
  } while (cursor.takeIf('sign', ','))
  if (signal) signal.multiplexing = { multiplexor, ranges }
  cursor.takeSign(';')
}

function parseDefault(cursor: DbcCursor, draft: Draft): void {
  const name = cursor.takeString('the name of an attribute')
  draft.defaults.set(name, takeAttributeValue(cursor))
  cursor.takeSign(';')
}

function parseDefinition(cursor: DbcCursor, draft: Draft): void {
  if (cursor.takeIf('word', 'BO_')) draft.messageAttributes.add(cursor.takeString('the name of an attribute'))
  cursor.skipStatement()
}

function skipHeader(cursor: DbcCursor, ends: readonly string[]): void {
  while (!cursor.atEnd && !ends.includes(cursor.next.text)) {
    if (!cursor.takeIf('sign', cursor.next.text) && !cursor.takeIf('word', cursor.next.text)) {
      cursor.takeNumber('a number, a word or a sign')
    }
  }
}

function parseNodes(cursor: DbcCursor, draft: Draft): void {
  cursor.takeSign(':')
  while (cursor.next.kind === 'word' && !cursor.next.text.endsWith('_'))
    draft.nodes.push(cursor.takeWord('a node'))
}

function parseStatement(cursor: DbcCursor, draft: Draft): void {
  const token = cursor.next
  const keyword = cursor.takeWord('a statement')
  switch (keyword) {
    case 'VERSION':
      draft.version = cursor.takeString('a version')
      return
    case 'NS_':
      return skipHeader(cursor, ['BS_', 'BU_', 'BO_'])
    case 'BS_':
      return skipHeader(cursor, ['BU_', 'BO_'])
    case 'BU_':
      return parseNodes(cursor, draft)
    case 'BO_':
      return parseMessage(cursor, draft)
    case 'CM_':
      return parseComment(cursor, draft)
    case 'BA_DEF_':
      return parseDefinition(cursor, draft)
    case 'BA_DEF_DEF_':
      return parseDefault(cursor, draft)
    case 'BA_':
      return parseAttribute(cursor, draft)
    case 'VAL_':
      return parseValueNames(cursor, draft)
    case 'SIG_VALTYPE_':
      return parseFloatType(cursor, draft)
    case 'SG_MUL_VAL_':
      return parseMultiplexRanges(cursor, draft)
    default:
      // What frames do not need (environment variables, signal groups, relations …) ends with ";".
      if (!keyword.endsWith('_')) cursor.fail(`${JSON.stringify(keyword)} starts no statement`, token)
      if (keyword === 'SG_') cursor.fail('a signal outside of a message', token)
      cursor.skipStatement()
  }
}

/**
 * Reads a DBC file.
 * @param text the decoded file (these files are mostly Windows-1252; ours are UTF-8)
 * @throws DbcSyntaxError
 */
export function parseDbc(text: string): DbcDatabase {
  const cursor = new DbcCursor(text)
  const draft: Draft = {
    version: '',
    nodes: [],
    messages: [],
    byDbcId: new Map(),
    defaults: new Map(),
    messageAttributes: new Set(),
  }
  while (!cursor.atEnd) parseStatement(cursor, draft)
  const defaults = new Map([...draft.defaults].filter(([name]) => draft.messageAttributes.has(name)))
  return finishDatabase(draft.version, draft.nodes, draft.messages, defaults)
}
