import { DbcLexer, type DbcToken } from './dbc-lexer.js'
import { DbcSyntaxError, type DbcWarning, type RawValue } from './dbc-model.js'

/** What starts a statement. */
export const DBC_KEYWORDS: ReadonlySet<string> = new Set(
  (
    'VERSION NS_ NS_DESC_ BS_ BU_ BO_ SG_ CM_ BA_DEF_ BA_ VAL_ CAT_DEF_ CAT_ FILTER BA_DEF_DEF_ EV_ EV_DATA_ ' +
    'ENVVAR_DATA_ SGTYPE_ SGTYPE_VAL_ BA_DEF_SGTYPE_ BA_SGTYPE_ SIG_TYPE_REF_ VAL_TABLE_ SIG_GROUP_ SIG_VALTYPE_ ' +
    'SIGTYPE_VALTYPE_ BO_TX_BU_ BA_DEF_REL_ BA_REL_ BA_DEF_DEF_REL_ BU_SG_REL_ BU_EV_REL_ BU_BO_REL_ SG_MUL_VAL_'
  ).split(' '),
)

/** Words that are no name; VERSION and FILTER might be one. */
export function isKeyword(text: string): boolean {
  return text.endsWith('_') && DBC_KEYWORDS.has(text)
}

function shown(token: DbcToken): string {
  if (token.kind === 'end') return 'the end'
  const text = token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text
  return token.kind === 'string' ? `the string ${JSON.stringify(text)}` : JSON.stringify(text)
}

/** Walks over the tokens of a DBC text; every `take…` throws DbcSyntaxError when something else stands there. */
export class DbcCursor {
  readonly warnings: DbcWarning[] = []
  readonly #lexer: DbcLexer
  #next: DbcToken

  constructor(
    text: string,
    readonly strict: boolean,
  ) {
    this.#lexer = new DbcLexer(text)
    this.#next = this.#lexer.take()
  }

  get next(): DbcToken {
    return this.#next
  }

  get atEnd(): boolean {
    return this.#next.kind === 'end'
  }

  nextIs(kind: DbcToken['kind']): boolean {
    return this.#next.kind === kind
  }

  /** The token after `next`. */
  peek(): DbcToken {
    return this.#lexer.peek()
  }

  fail(problem: string, at: DbcToken = this.next): never {
    throw new DbcSyntaxError(at.line, at.column, problem)
  }

  warn(problem: string, at: DbcToken): void {
    this.warnings.push({ line: at.line, column: at.column, problem })
  }

  /** To a reader that is lenient, a warning that something is not in the database. @param what e.g. `signal Speed` */
  leaveOut({ line, column, problem }: DbcSyntaxError, what: string): void {
    this.warnings.push({ line, column, problem: `${problem}; ${what} is left out`, leftOut: true })
  }

  /** Goes on behind a statement that cannot be read, where one of the words begins the next. @param token its first */
  resumeAfter(token: DbcToken, words: ReadonlySet<string>): void {
    this.#lexer.resumeAfter(token, words)
    this.#next = this.#lexer.take()
  }

  /** An error, or a warning to a reader that is lenient. */
  object(problem: string, at: DbcToken): void {
    if (this.strict) this.fail(problem, at)
    this.warn(problem, at)
  }

  expected(what: string): never {
    if (this.nextIs('bad')) this.fail(this.next.text)
    return this.fail(`expected ${what}, found ${shown(this.next)}`)
  }

  #advance(): DbcToken {
    const token = this.#next
    this.#next = this.#lexer.take()
    return token
  }

  /** A name, or a word of the format. */
  takeWord(expected: string): string {
    return this.takeWordToken(expected).text
  }

  takeWordToken(expected: string): DbcToken {
    if (!this.nextIs('word') || isKeyword(this.next.text)) this.expected(expected)
    return this.#advance()
  }

  takeStatement(): DbcToken {
    if (!this.nextIs('word')) this.expected('a statement')
    return this.#advance()
  }

  takeString(expected: string): string {
    if (!this.nextIs('string')) this.expected(expected)
    return this.#advance().text
  }

  takeNumber(expected: string): number {
    if (!this.nextIs('number')) this.expected(expected)
    const token = this.#advance()
    const value = Number(token.text)
    if (!Number.isFinite(value)) this.fail(`${token.text} is beyond the numbers of a double`, token)
    return value
  }

  /** A number with all its digits: a bigint where a double would round it. */
  takeRaw(expected: string): RawValue {
    const { text } = this.next
    const value = this.takeNumber(expected)
    if (!Number.isInteger(value) || Number.isSafeInteger(value) || !/^[+-]?\d+$/.test(text)) return value
    return BigInt(text.replace('+', ''))
  }

  /** A whole number, 0 ≤ n ≤ max. */
  takeCount(expected: string, max = 0xffffffff): number {
    const token = this.next
    const value = this.takeNumber(expected)
    if (!Number.isInteger(value) || value < 0 || value > max) {
      this.fail(`${token.text} is not ${expected}: a whole number, 0…${max}`, token)
    }
    return value === 0 ? 0 : value
  }

  takeSign(sign: string): void {
    if (!this.takeIf('sign', sign)) this.expected(JSON.stringify(sign))
  }

  /** Whether the next token is this sign or word; if so it is taken. */
  takeIf(kind: 'sign' | 'word', text: string): boolean {
    if (this.next.kind !== kind || this.next.text !== text) return false
    this.#advance()
    return true
  }

  /** Names with commas or blanks between them, up to something else, a keyword, or a new line without a comma. */
  takeNames(line = this.next.line): string[] {
    const names: string[] = []
    let afterComma = false
    while (
      this.next.kind === 'word' &&
      !isKeyword(this.next.text) &&
      (afterComma || this.next.line === line)
    ) {
      ;({ line } = this.next)
      names.push(this.#advance().text)
      afterComma = this.takeIf('sign', ',')
    }
    if (afterComma) this.expected('a name after ","')
    return names
  }

  /** Passes over the rest of a statement, its semicolon included. */
  skipStatement(): void {
    const start = this.next
    let { line } = start
    while (!this.takeIf('sign', ';')) {
      if (this.nextIs('bad')) this.fail(this.next.text)
      const opens = this.next.kind === 'word' && this.next.line > line && DBC_KEYWORDS.has(this.next.text)
      if (this.atEnd || opens) this.fail('this statement does not end with ";"', start)
      ;({ line } = this.#advance())
    }
  }

  /** Passes over the next token. */
  skip(): void {
    this.#advance()
  }
}
