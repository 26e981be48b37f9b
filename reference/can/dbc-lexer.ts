export interface DbcToken {
  readonly kind: 'word' | 'number' | 'string' | 'sign' | 'end' | 'bad'
  /** Of a string: what stands between the quotes; of what is bad: why. */
  readonly text: string
  readonly line: number
  readonly column: number
}

const SIGNS = ':;|@+-()[],'
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
/** Identifiers of C, and the dots and dashes that some tools write; a leading digit where it is no number. */
const WORD = /[A-Za-z0-9_][A-Za-z0-9_.-]*/y
const WORD_CHARACTER = /[A-Za-z0-9_]/

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** Cuts a DBC text into tokens, one at a time: a token costs its own length, whatever the text holds. */
export class DbcLexer {
  #at: number
  #line = 1
  #lineStart = 0

  constructor(private readonly text: string) {
    this.#at = text.startsWith('\uFEFF') ? 1 : 0
    this.#lineStart = this.#at
  }

  /** A character that starts nothing, or a string that does not end, is a bad token. */
  take(): DbcToken {
    this.#skipBlanks()
    const { text } = this
    const [line, column] = [this.#line, this.#at - this.#lineStart + 1]
    if (this.#at >= text.length) return { kind: 'end', text: '', line, column }
    const character = text.charAt(this.#at)
    if (character === '"') return { ...this.#takeString(), line, column }
    const number = this.#match(NUMBER)
    if (number !== undefined && !WORD_CHARACTER.test(text.charAt(this.#at + number.length))) {
      this.#at += number.length
      return { kind: 'number', text: number, line, column }
    }
    const word = this.#match(WORD)
    if (word !== undefined) {
      this.#at += word.length
      return { kind: 'word', text: word, line, column }
    }
    this.#at++
    if (!SIGNS.includes(character)) {
      return { kind: 'bad', text: `unexpected ${JSON.stringify(character)}`, line, column }
    }
    return { kind: 'sign', text: character, line, column }
  }

  /** The token after the next ones is not taken. */
  peek(): DbcToken {
    const [at, line, lineStart] = [this.#at, this.#line, this.#lineStart]
    const token = this.take()
    ;[this.#at, this.#line, this.#lineStart] = [at, line, lineStart]
    return token
  }

  /**
   * Goes on behind a statement that cannot be read: where one of the words begins the next one, at the start of a line
   * or behind a semicolon of the same line.
   * @param token where it began; what was taken below it is taken again
   */
  resumeAfter(token: DbcToken, words: ReadonlySet<string>): void {
    const { text } = this
    this.#seek(token)
    const rest = text.slice(this.#at, endOfLine(text, this.#at))
    for (const { 0: match, 1: word = '', index } of rest.matchAll(/;\s*([A-Za-z_]+)(?![A-Za-z_.-])/g)) {
      if (!words.has(word)) continue
      this.#at += index + match.length - word.length
      return
    }
    for (;;) {
      const end = endOfLine(text, this.#at)
      this.#at = Math.min(end + 1, text.length)
      if (end >= text.length) return
      this.#line++
      this.#lineStart = this.#at
      const word = /^\s*([A-Z_]+)(?![A-Za-z_.-])/.exec(text.slice(this.#at, endOfLine(text, this.#at)))?.[1]
      if (word !== undefined && words.has(word)) return
    }
  }

  /** Back to a token. */
  #seek({ line, column }: DbcToken): void {
    for (; this.#line > line; this.#line--) {
      this.#lineStart = this.#lineStart < 2 ? 0 : this.text.lastIndexOf('\n', this.#lineStart - 2) + 1
    }
    if (line === 1 && this.text.startsWith('\uFEFF')) this.#lineStart = 1
    this.#at = this.#lineStart + column - 1
  }

  #match(pattern: RegExp): string | undefined {
    const code = this.text.charCodeAt(this.#at)
    // Only these start a number; the pattern would find it too, but slower.
    if (pattern === NUMBER && !isDigit(code) && code !== 43 && code !== 45 && code !== 46) return undefined
    pattern.lastIndex = this.#at
    return pattern.exec(this.text)?.[0]
  }

  #skipBlanks(): void {
    const { text } = this
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at)
      if (code === 10) {
        this.#line++
        this.#lineStart = this.#at + 1
      } else if (code === 47 && text.charCodeAt(this.#at + 1) === 47) {
        const end = text.indexOf('\n', this.#at)
        this.#at = (end < 0 ? text.length : end) - 1
      } else if (code !== 32 && code !== 9 && code !== 13 && code !== 11 && code !== 12) return
    }
  }

  /** `\"` is a quote in the string; any other backslash is one. A line of it ends in `\n`, whatever the file has. */
  #takeString(): Pick<DbcToken, 'kind' | 'text'> {
    const { text } = this
    const start = this.#at + 1
    const [line, lineStart] = [this.#line, this.#lineStart]
    let escapes = false
    let at = start
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === 34) break
      if (code === 10) {
        this.#line++
        this.#lineStart = at + 1
      } else if (code === 92 && at + 1 < text.length) {
        const next = text.charCodeAt(at + 1)
        if (next === 34) escapes = true
        if (next === 34 || next === 92) at++
      }
    }
    if (at >= text.length) {
      ;[this.#line, this.#lineStart, this.#at] = [line, lineStart, endOfLine(text, start)]
      return { kind: 'bad', text: 'this string does not end' }
    }
    this.#at = at + 1
    const inner = text.slice(start, at).replaceAll('\r\n', '\n')
    return { kind: 'string', text: escapes ? inner.replaceAll('\\"', '"') : inner }
  }
}
