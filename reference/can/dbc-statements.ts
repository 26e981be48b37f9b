/** The statements about messages and signals that stand after them. */
import type { DbcCursor } from './dbc-cursor.js'
import {
  takeMessageReference,
  takeSignalReference,
  withMessage,
  withSignal,
  type DbcDraft,
} from './dbc-draft.js'
import type { DbcToken } from './dbc-lexer.js'
import { valueTableKey, type RawValue } from './dbc-model.js'

export function parseComment(cursor: DbcCursor, draft: DbcDraft): void {
  const { next } = cursor
  let settle: (text: string) => void
  if (cursor.takeIf('word', 'BO_')) {
    const reference = takeMessageReference(cursor)
    settle = (text) => withMessage(draft, reference, (message) => (message.comment = text))
  } else if (cursor.takeIf('word', 'SG_')) {
    const reference = takeSignalReference(cursor)
    settle = (text) => withSignal(draft, reference, (signal) => (signal.comment = text))
  } else if (next.kind === 'word' && (next.text === 'BU_' || next.text === 'EV_')) {
    cursor.skip()
    const name = cursor.takeWordToken('a name')
    settle = (text) =>
      draft.later.push(() => {
        const objects = next.text === 'BU_' ? draft.nodes : draft.environmentVariables
        const target = objects.get(name.text)
        if (target) target.comment = text
        else cursor.warn(`a comment on ${name.text}, which is not there`, name)
      })
  } else {
    settle = (text) => (draft.comment = text)
  }
  settle(cursor.takeString('a comment'))
  cursor.takeSign(';')
}

function takeValueNames(cursor: DbcCursor): Map<RawValue, string> {
  const names = new Map<RawValue, string>()
  while (!cursor.takeIf('sign', ';')) {
    const token = cursor.next
    const value = valueTableKey(cursor.takeRaw('a value or ";"'))
    if (names.has(value)) cursor.warn(`value ${value} is named twice; the last name counts`, token)
    names.set(value === 0 ? 0 : value, cursor.takeString('the name of a value'))
  }
  return names
}

export function parseValueNames(cursor: DbcCursor, draft: DbcDraft): void {
  if (cursor.nextIs('word')) {
    const name = cursor.takeWordToken('an environment variable')
    const names = takeValueNames(cursor)
    draft.later.push(() => {
      const variable = draft.environmentVariables.get(name.text)
      if (variable) variable.valueNames = names
      else cursor.warn(`there is no environment variable ${name.text}`, name)
    })
    return
  }
  const reference = takeSignalReference(cursor)
  const names = takeValueNames(cursor)
  withSignal(draft, reference, (signal) => (signal.valueNames = names))
}

export function parseValueTable(cursor: DbcCursor, draft: DbcDraft): void {
  const name = cursor.takeWord('the name of a value table')
  draft.valueTables.set(name, takeValueNames(cursor))
}

/** SIG_VALTYPE_: 1 is a float of 32 bits, 2 one of 64. */
export function parseFloatType(cursor: DbcCursor, draft: DbcDraft): void {
  const reference = takeSignalReference(cursor)
  cursor.takeIf('sign', ':')
  const typeToken = cursor.next
  const type = cursor.takeCount('a value type', 3)
  cursor.takeSign(';')
  withSignal(draft, reference, (signal) => {
    if (type === 0) return
    const { name, bitLength } = signal
    if (type === 3)
      return cursor.warn(`value type 3 is not defined; ${name} is read as an integer`, typeToken)
    if (bitLength !== 32 && bitLength !== 64) {
      return cursor.object(
        `signal ${name} is a float of ${bitLength} bits; IEEE 754 has 32 and 64`,
        typeToken,
      )
    }
    if (bitLength !== type * 32) {
      cursor.warn(
        `value type ${type} is a float of ${type * 32} bits, signal ${name} has ${bitLength}`,
        typeToken,
      )
    }
    signal.valueType = 'float'
  })
}

export function parseMultiplexRanges(cursor: DbcCursor, draft: DbcDraft): void {
  const reference = takeSignalReference(cursor)
  const multiplexorToken = cursor.takeWordToken('a multiplexor')
  const ranges: [number, number][] = []
  do {
    const from = cursor.takeCount('a value')
    const endToken = cursor.next
    // "3-5" reads as the numbers 3 and -5
    const to = cursor.takeIf('sign', '-') ? cursor.takeCount('the end of a range') : -cursor.takeNumber('"-"')
    if (!Number.isInteger(to) || to < from) cursor.fail(`a range from ${from} to ${to}`, endToken)
    ranges.push([from, to])
  } while (cursor.takeIf('sign', ','))
  cursor.takeSign(';')
  withSignal(draft, reference, (signal, message) => {
    const multiplexor = message.signalsByName.get(multiplexorToken.text)
    if (!multiplexor?.isMultiplexor) {
      return cursor.object(
        `signal ${signal.name}: ${multiplexorToken.text} is no multiplexor of message ${message.name}`,
        multiplexorToken,
      )
    }
    signal.multiplexing = { multiplexor: multiplexor.name, ranges }
  })
}

export function parseSenders(cursor: DbcCursor, draft: DbcDraft): void {
  const reference = takeMessageReference(cursor)
  cursor.takeSign(':')
  const senders = cursor.takeNames()
  cursor.takeSign(';')
  withMessage(draft, reference, (message) => {
    for (const sender of senders) if (!message.senders.includes(sender)) message.senders.push(sender)
  })
}

export function parseSignalGroup(cursor: DbcCursor, draft: DbcDraft): void {
  const reference = takeMessageReference(cursor)
  const name = cursor.takeWord('the name of a signal group')
  cursor.takeCount('a number of repetitions')
  cursor.takeSign(':')
  const tokens: DbcToken[] = []
  while (cursor.nextIs('word')) {
    tokens.push(cursor.takeWordToken('a signal name'))
    cursor.takeIf('sign', ',')
  }
  cursor.takeSign(';')
  withMessage(draft, reference, (message) => {
    const signals = tokens.flatMap((token) => {
      const signal = message.signalsByName.get(token.text)
      if (!signal) cursor.warn(`message ${message.name} has no signal ${token.text}`, token)
      return signal ? [signal.name] : []
    })
    message.signalGroups.push({ name, signals })
  })
}

export function parseEnvironmentVariable(cursor: DbcCursor, draft: DbcDraft): void {
  const name = cursor.takeWord('an environment variable')
  cursor.takeSign(':')
  cursor.takeCount('a variable type')
  cursor.takeSign('[')
  const min = cursor.takeNumber('a minimum')
  cursor.takeSign('|')
  const max = cursor.takeNumber('a maximum')
  cursor.takeSign(']')
  const unit = cursor.takeString('a unit')
  const initialValue = cursor.takeNumber('an initial value')
  cursor.takeCount('a variable id')
  cursor.takeWord('an access type')
  cursor.takeNames()
  cursor.takeSign(';')
  draft.environmentVariables.set(name, { name, min, max, unit, initialValue, valueNames: new Map() })
}
