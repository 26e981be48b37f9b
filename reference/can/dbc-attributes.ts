/** BA_DEF_, BA_DEF_DEF_ and BA_. */
import type { DbcCursor } from './dbc-cursor.js'
import {
  takeMessageReference,
  takeSignalReference,
  withMessage,
  withSignal,
  type DbcDraft,
} from './dbc-draft.js'
import type { DbcToken } from './dbc-lexer.js'
import type { DbcAttribute, DbcAttributeDefinition, DbcAttributeHolder } from './dbc-model.js'

const HOLDERS = {
  BU_: 'node',
  BO_: 'message',
  SG_: 'signal',
  EV_: 'environment-variable',
} as const satisfies Record<string, DbcAttributeHolder>

const VALUE_TYPES = { INT: 'int', HEX: 'hex', FLOAT: 'float', ENUM: 'enum', STRING: 'string' } as const

function isKey<Table extends object>(table: Table, key: string): key is Extract<keyof Table, string> {
  return Object.hasOwn(table, key)
}

export function parseDefinition(cursor: DbcCursor, draft: DbcDraft): void {
  let holder: DbcAttributeHolder = 'network'
  if (cursor.nextIs('word')) {
    const { text } = cursor.next
    if (!isKey(HOLDERS, text)) cursor.expected('BU_, BO_, SG_, EV_ or the name of an attribute')
    holder = HOLDERS[text]
    cursor.skip()
  }
  const name = cursor.takeString('the name of an attribute')
  const { text: type } = cursor.next
  if (!cursor.nextIs('word') || !isKey(VALUE_TYPES, type)) {
    cursor.expected('INT, HEX, FLOAT, ENUM or STRING')
  }
  cursor.skip()
  const values: string[] = []
  if (type === 'ENUM') {
    while (cursor.nextIs('string')) {
      values.push(cursor.takeString('a value'))
      cursor.takeIf('sign', ',')
    }
  } else {
    while (cursor.nextIs('number')) cursor.takeNumber('a limit')
  }
  cursor.takeSign(';')
  draft.definitions.set(name, { name, holder, valueType: VALUE_TYPES[type], values })
}

function takeValue(cursor: DbcCursor): DbcAttribute {
  if (cursor.nextIs('string')) return cursor.takeString('a value')
  return cursor.takeNumber('the value of an attribute')
}

/** An enumeration's value is written as its index by some tools and as its text by others. */
export function enumIndex(definition: DbcAttributeDefinition | undefined, value: DbcAttribute): DbcAttribute {
  if (definition?.valueType !== 'enum' || typeof value === 'number') return value
  const index = definition.values.indexOf(value)
  return index < 0 ? value : index
}

export function parseDefault(cursor: DbcCursor, draft: DbcDraft): void {
  const name = cursor.takeString('the name of an attribute')
  draft.defaults.set(name, takeValue(cursor))
  cursor.takeSign(';')
}

function setLater(draft: DbcDraft, name: DbcToken, find: () => Map<string, DbcAttribute> | undefined): void {
  const { cursor } = draft
  const value = takeValue(cursor)
  cursor.takeSign(';')
  draft.later.push(() => {
    if (!draft.definitions.has(name.text)) {
      cursor.warn(`attribute ${JSON.stringify(name.text)} is not defined`, name)
    }
    find()?.set(name.text, enumIndex(draft.definitions.get(name.text), value))
  })
}

export function parseAttribute(cursor: DbcCursor, draft: DbcDraft): void {
  const name = cursor.next
  cursor.takeString('the name of an attribute')
  if (cursor.takeIf('word', 'BO_')) {
    const reference = takeMessageReference(cursor)
    let found: Map<string, DbcAttribute> | undefined
    withMessage(draft, reference, (message) => (found = message.attributes))
    setLater(draft, name, () => found)
  } else if (cursor.takeIf('word', 'SG_')) {
    const reference = takeSignalReference(cursor)
    let found: Map<string, DbcAttribute> | undefined
    withSignal(draft, reference, (signal) => (found = signal.attributes ??= new Map()))
    setLater(draft, name, () => found)
  } else if (cursor.takeIf('word', 'BU_')) {
    const node = cursor.takeWordToken('a node')
    setLater(draft, name, () => {
      const found = draft.nodes.get(node.text)
      if (!found) cursor.warn(`there is no node ${node.text}`, node)
      return found?.attributes
    })
  } else if (cursor.takeIf('word', 'EV_')) {
    cursor.takeWord('an environment variable')
    setLater(draft, name, () => undefined)
  } else {
    setLater(draft, name, () => draft.attributes)
  }
}
