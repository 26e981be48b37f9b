import { tokenizeDbc, type DbcToken } from './dbc-lexer.js'
import { DbcSyntaxError } from './dbc-model.js'

/** Walks over the tokens of a DBC text; every `take…` throws DbcSyntaxError when something else stands there. */
export class DbcCursor {
  readonly #tokens: readonly DbcToken[]
  #next = 0

  constructor(text: string) {
    this.#tokens = tokenizeDbc(text)
  }

  get next(): DbcToken {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] as DbcToken
  }

  get atEnd(): boolean {
    return this.next.kind === 'end'
  }

  fail(problem: string, at: DbcToken = this.next): never {
    throw new DbcSyntaxError(at.line, at.column, problem)
  }

  #take(kind: DbcToken['kind'], expected: string): DbcToken {
    const token = this.next
    if (token.kind !== kind) {
      this.fail(
        `expected ${expected}, found ${token.kind === 'end' ? 'the end' : JSON.stringify(token.text)}`,
      )
    }
    this.#next++
    return token
  }

  takeWord(expected: string): string {
    return this.#take('word', expected).text
  }

  takeString(expected: string): string {
    return this.#take('string', expected).text
  }

  takeNumber(expected: string): number {
    const token = this.#take('number', expected)
    const value = Number(token.text)
    if (!Number.isFinite(value)) this.fail(`${token.text} is beyond the numbers of a double`, token)
    return value
  }

  /** A whole number, 0 ≤ n ≤ max. */
  takeCount(expected: string, max = 0xffffffff): number {
    const token = this.next
    const value = this.takeNumber(expected)
    if (!Number.isInteger(value) || value < 0 || value > max) {
      this.fail(`${token.text} is not ${expected}: a whole number, 0…${max}`, token)
    }
    return value
  }

  takeSign(sign: string): void {
    if (this.next.text !== sign || this.next.kind !== 'sign') this.#take('end', JSON.stringify(sign))
    this.#next++
  }

  /** Whether the next token is this sign or word; if so it is taken. */
  takeIf(kind: 'sign' | 'word', text: string): boolean {
    if (this.next.kind !== kind || this.next.text !== text) return false
    this.#next++
    return true
  }

  /** Passes over the rest of a statement, its semicolon included. */
  skipStatement(): void {
    const start = this.next
    while (!this.takeIf('sign', ';')) {
      if (this.atEnd) this.fail('this statement does not end with ";"', start)
      this.#next++
    }
  }
}
