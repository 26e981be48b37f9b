import { DBC_KEYWORDS, type DbcCursor } from './dbc-cursor.js'
import type { DbcDraft, MessageDraft, SignalDraft } from './dbc-draft.js'
import type { DbcToken } from './dbc-lexer.js'
import { DbcSyntaxError } from './dbc-model.js'

/** Bit 31 of a DBC message id marks a 29-bit identifier. */
const EXTENDED_FLAG = 0x80000000
/** Hold signals that belong to no message; they are not frames. The id is beyond 29 bits. */
const ORPHAN_SIGNALS = 'VECTOR__INDEPENDENT_SIG_MSG'
const ORPHAN_ID = 0xc0000000
/** FD's longest frame is 64 bytes; transport protocols carry longer messages, J1939's up to 1,785 bytes. */
const MAX_LENGTH_BYTES = 65_535
/** A whole FD frame. */
const MAX_SIGNAL_BITS = 512

function takeMuxIndicator(cursor: DbcCursor): string | undefined {
  if (cursor.takeIf('sign', ':')) return undefined
  const token = cursor.takeWordToken('":" or a multiplexer indicator')
  if (!/^(M|m\d{1,10}M?)$/.test(token.text)) cursor.fail(`${token.text} is no multiplexer indicator`, token)
  cursor.takeSign(':')
  return token.text
}

function takeLimits(cursor: DbcCursor, token: DbcToken): SignalDraft['limits'] {
  cursor.takeSign('[')
  const min = cursor.takeNumber('a minimum')
  cursor.takeSign('|')
  const max = cursor.takeNumber('a maximum')
  cursor.takeSign(']')
  if (min === 0 && max === 0) return undefined
  if (min <= max) return { min, max }
  cursor.warn(`signal ${token.text} has a minimum above its maximum; neither is checked`, token)
  return undefined
}

export function requireIdentifier(cursor: DbcCursor, token: DbcToken): void {
  if (/^\d/.test(token.text)) cursor.warn(`${token.text} is no identifier: it starts with a digit`, token)
}

function parseSignal(cursor: DbcCursor): SignalDraft {
  const token = cursor.takeWordToken('a signal name')
  requireIdentifier(cursor, token)
  const name = token.text
  const muxIndicator = takeMuxIndicator(cursor)
  const startBit = cursor.takeCount('a start bit', MAX_LENGTH_BYTES * 8 - 1)
  cursor.takeSign('|')
  const bitLength = cursor.takeCount('a length in bits', MAX_SIGNAL_BITS)
  if (bitLength === 0) cursor.fail(`signal ${name} has no bits`, token)
  cursor.takeSign('@')
  const byteOrder = cursor.takeCount('a byte order', 1) === 1 ? 'intel' : 'motorola'
  const signed = cursor.takeIf('sign', '-')
  if (!signed && !cursor.takeIf('sign', '+')) cursor.expected('"+" or "-"')
  cursor.takeSign('(')
  const factor = cursor.takeNumber('a factor')
  cursor.takeSign(',')
  const offset = cursor.takeNumber('an offset')
  cursor.takeSign(')')
  if (factor === 0)
    cursor.object(`signal ${name} has the factor 0, so that nothing can be encoded in it`, token)
  const limits = takeLimits(cursor, token)
  const unitToken = cursor.next
  const unit = cursor.takeString('a unit')
  // A unit has one line; where a quote is missing, it would reach to that of another statement.
  if ((cursor.strict ? /\n\s*[A-Z_]+_\s/ : /\n/).test(unit)) {
    cursor.fail('this string does not end on its line', unitToken)
  }
  const receivers = cursor.takeNames(unitToken.line)
  if (receivers.length === 0) cursor.warn(`signal ${name} names no receiver`, token)
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
    ...(limits ? { limits } : {}),
    unit,
    receivers,
    valueNames: new Map(),
    isMultiplexor: muxIndicator?.endsWith('M') ?? false,
  }
}

function takeSignal(cursor: DbcCursor): SignalDraft {
  cursor.skip()
  return parseSignal(cursor)
}

/** A signal that cannot be read is left out; the message goes on with the next one. */
function takeSignalLeniently(cursor: DbcCursor): SignalDraft | undefined {
  const { next } = cursor
  const name = cursor.peek()
  try {
    return takeSignal(cursor)
  } catch (error) {
    if (!(error instanceof DbcSyntaxError)) throw error
    cursor.leaveOut(error, name.kind === 'word' ? `signal ${name.text}` : 'the signal')
    cursor.resumeAfter(next, DBC_KEYWORDS)
    return undefined
  }
}

/** What begins no statement, between the signals of a message: these go on behind it. */
function leaveOutNoise(cursor: DbcCursor): void {
  const { next } = cursor
  const problem =
    next.kind === 'bad' ? next.text : `${JSON.stringify(next.text.slice(0, 40))} starts no statement`
  cursor.leaveOut(new DbcSyntaxError(next.line, next.column, problem), `line ${next.line}`)
  cursor.resumeAfter(next, DBC_KEYWORDS)
}

function identifierOf(cursor: DbcCursor, dbcId: number, token: DbcToken): { id: number; extended: boolean } {
  const extended = dbcId >= EXTENDED_FLAG
  const id = extended ? dbcId - EXTENDED_FLAG : dbcId
  if (id > 0x1fffffff) cursor.fail(`${dbcId} is no message id: it has more than 29 bits beside bit 31`, token)
  if (extended || id <= 0x7ff) return { id, extended }
  cursor.object(`${dbcId} is no 11-bit id, and as a 29-bit id it lacks bit 31`, token)
  return { id, extended: true }
}

export function parseMessage(cursor: DbcCursor, draft: DbcDraft): void {
  const idToken = cursor.next
  const dbcId = cursor.takeCount('a message id')
  const token = cursor.takeWordToken('a message name')
  requireIdentifier(cursor, token)
  const name = token.text
  cursor.takeSign(':')
  const length = cursor.takeCount('a length in bytes', MAX_LENGTH_BYTES)
  const sender = cursor.takeWord('a sender')
  const signals: SignalDraft[] = []
  for (;;) {
    const { kind, text } = cursor.next
    if (kind === 'word' && text === 'SG_') {
      const signal = cursor.strict ? takeSignal(cursor) : takeSignalLeniently(cursor)
      if (signal) signals.push(signal)
    } else if (cursor.strict || kind === 'end' || (kind === 'word' && DBC_KEYWORDS.has(text))) break
    else leaveOutNoise(cursor)
  }
  if (name === ORPHAN_SIGNALS || dbcId === ORPHAN_ID) {
    draft.byDbcId.set(dbcId, undefined)
    return
  }
  const signalsByName = new Map<string, SignalDraft>()
  for (const signal of [...signals]) {
    if (signalsByName.has(signal.name)) {
      const { line, column } = signal.token
      const error = new DbcSyntaxError(line, column, `signal ${signal.name} is there twice`)
      if (cursor.strict) throw error
      cursor.leaveOut(error, 'the second one')
      signals.splice(signals.indexOf(signal), 1)
    } else signalsByName.set(signal.name, signal)
  }
  const message: MessageDraft = {
    token,
    ...identifierOf(cursor, dbcId, idToken),
    name,
    length,
    sender,
    senders: [sender],
    signals,
    signalsByName,
    signalGroups: [],
    attributes: new Map(),
  }
  if (draft.byDbcId.has(dbcId)) {
    cursor.object(`message id ${dbcId} is there twice`, idToken)
  } else draft.byDbcId.set(dbcId, message)
  draft.messages.push(message)
}
