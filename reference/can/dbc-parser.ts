import { parseAttribute, parseDefault, parseDefinition } from './dbc-attributes.js'
import { DBC_KEYWORDS, DbcCursor, isKeyword } from './dbc-cursor.js'
import { DbcDraft } from './dbc-draft.js'
import { finishDatabase } from './dbc-finish.js'
import { parseMessage, requireIdentifier } from './dbc-message-parser.js'
import { DbcSyntaxError, type DbcDatabase } from './dbc-model.js'
import {
  parseComment,
  parseEnvironmentVariable,
  parseFloatType,
  parseMultiplexRanges,
  parseSenders,
  parseSignalGroup,
  parseValueNames,
  parseValueTable,
} from './dbc-statements.js'

export interface DbcParseOptions {
  /**
   * Default true. False makes warnings of what leaves the rest of the file readable: signals that overlap or do
   * not fit their message, ids and names that are there twice, 29-bit ids without bit 31, factors of 0, multiplexed
   * signals whose multiplexor is in doubt. A statement or a signal that cannot be read is left out, with a warning.
   */
  readonly strict?: boolean
}

function parseVersion(cursor: DbcCursor, draft: DbcDraft): void {
  draft.version = cursor.takeString('a version')
  cursor.takeIf('sign', ';')
}

function parseNewSymbols(cursor: DbcCursor): void {
  cursor.takeSign(':')
  // Its entries look like statements that begin: a keyword with something else behind it on its line is one.
  while (cursor.next.kind === 'word' && !['BS_', 'BU_', 'BO_'].includes(cursor.next.text)) {
    const { next } = cursor
    const after = cursor.peek()
    if (DBC_KEYWORDS.has(next.text) && after.line === next.line && !DBC_KEYWORDS.has(after.text)) return
    cursor.skip()
  }
}

/** `BS_: 500 : 1,2`: a bit rate and two registers, which no tool uses any more. */
function parseBitTiming(cursor: DbcCursor): void {
  cursor.takeSign(':')
  while (cursor.next.kind === 'number') {
    cursor.takeNumber('a bit rate')
    if (!cursor.takeIf('sign', ':')) cursor.takeIf('sign', ',')
  }
  cursor.takeIf('sign', ';')
}

function parseNodes(cursor: DbcCursor, draft: DbcDraft): void {
  cursor.takeSign(':')
  while (cursor.nextIs('word') && !isKeyword(cursor.next.text)) {
    const token = cursor.takeWordToken('a node')
    requireIdentifier(cursor, token)
    if (draft.nodes.has(token.text)) cursor.warn(`node ${token.text} is there twice`, token)
    else draft.nodes.set(token.text, { name: token.text, attributes: new Map() })
    cursor.takeIf('sign', ',')
  }
  cursor.takeIf('sign', ';')
}

const STATEMENTS: ReadonlyMap<string, (cursor: DbcCursor, draft: DbcDraft) => void> = new Map([
  ['VERSION', parseVersion],
  ['NS_', parseNewSymbols],
  ['BS_', parseBitTiming],
  ['BU_', parseNodes],
  ['BO_', parseMessage],
  ['BO_TX_BU_', parseSenders],
  ['CM_', parseComment],
  ['BA_DEF_', parseDefinition],
  ['BA_DEF_DEF_', parseDefault],
  ['BA_', parseAttribute],
  ['VAL_TABLE_', parseValueTable],
  ['VAL_', parseValueNames],
  ['SIG_VALTYPE_', parseFloatType],
  ['SG_MUL_VAL_', parseMultiplexRanges],
  ['SIG_GROUP_', parseSignalGroup],
  ['EV_', parseEnvironmentVariable],
])

function parseStatement(cursor: DbcCursor, draft: DbcDraft): void {
  const token = cursor.takeStatement()
  const parse = STATEMENTS.get(token.text)
  if (token.text === 'SG_') cursor.fail('a signal outside of a message', token)
  if (parse) return parse(cursor, draft)
  // What is known and not here says nothing about frames: relations, categories, signal types, data of variables.
  if (!DBC_KEYWORDS.has(token.text)) {
    if (!token.text.endsWith('_')) cursor.fail(`${JSON.stringify(token.text)} starts no statement`, token)
    cursor.warn(`${token.text} is no statement of this format; it is passed over`, token)
  }
  cursor.skipStatement()
}

/** Signals belong to their message: none begins a statement of its own. */
const RESUME_AT: ReadonlySet<string> = new Set([...DBC_KEYWORDS].filter((word) => word !== 'SG_'))

/** To a lenient reader, a statement that cannot be read is one warning. @returns whether it could */
function parseStatementLeniently(cursor: DbcCursor, draft: DbcDraft): boolean {
  const { next } = cursor
  const { text, line } = next
  const later = draft.later.length
  try {
    parseStatement(cursor, draft)
    return true
  } catch (error) {
    if (!(error instanceof DbcSyntaxError)) throw error
    draft.later.length = later
    cursor.leaveOut(error, DBC_KEYWORDS.has(text) ? `the statement ${text} of line ${line}` : `line ${line}`)
    cursor.resumeAfter(next, RESUME_AT)
    return false
  }
}

/**
 * Reads a DBC file.
 * @param text the decoded file, as `readDbcText` gives it
 * @throws DbcSyntaxError; to a lenient reader too, where nothing of the text can be read
 */
export function parseDbc(text: string, { strict = true }: DbcParseOptions = {}): DbcDatabase {
  const cursor = new DbcCursor(text, strict)
  const draft = new DbcDraft(cursor)
  let read = 0
  while (!cursor.atEnd) {
    if (strict) parseStatement(cursor, draft)
    else if (parseStatementLeniently(cursor, draft)) read++
  }
  const first = cursor.warnings.find(({ leftOut }) => leftOut)
  if (first && read === 0) throw new DbcSyntaxError(first.line, first.column, first.problem)
  for (const settle of draft.later) settle()
  return finishDatabase(draft)
}
