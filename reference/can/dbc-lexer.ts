import { DbcSyntaxError } from './dbc-model.js'

export interface DbcToken {
  readonly kind: 'word' | 'number' | 'string' | 'sign' | 'end'
  /** Of a string: what stands between the quotes. */
  readonly text: string
  readonly line: number
  readonly column: number
}

const PATTERN = new RegExp(
  [
    /(?<space>[ \t\r\f\v]+)/,
    /(?<newline>\n)/,
    /(?<string>"(?:[^"\\]|\\[^])*")/,
    /(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/,
    /(?<word>[A-Za-z_][A-Za-z0-9_.-]*)/,
    /(?<sign>[:;|@+\-()[\],])/,
  ]
    .map((part) => part.source)
    .join('|'),
  'y',
)

/** @throws DbcSyntaxError for a character that starts nothing, or a string that does not end */
export function tokenizeDbc(text: string): DbcToken[] {
  const tokens: DbcToken[] = []
  let line = 1
  let lineStart = 0
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length) {
    const column = at - lineStart + 1
    PATTERN.lastIndex = at
    const groups = PATTERN.exec(text)?.groups
    if (!groups) {
      const problem = text[at] === '"' ? 'this string does not end' : `unexpected ${JSON.stringify(text[at])}`
      throw new DbcSyntaxError(line, column, problem)
    }
    at = PATTERN.lastIndex
    if (groups['newline'] !== undefined) {
      line++
      lineStart = at
    } else if (groups['string'] !== undefined) {
      const inner = groups['string'].slice(1, -1)
      tokens.push({ kind: 'string', text: inner.replace(/\\(["\\])/g, '$1'), line, column })
      const lastNewline = inner.lastIndexOf('\n')
      if (lastNewline >= 0) {
        line += inner.split('\n').length - 1
        lineStart = at - 1 - (inner.length - lastNewline - 1)
      }
    } else {
      for (const kind of ['number', 'word', 'sign'] as const) {
        const found = groups[kind]
        if (found !== undefined) tokens.push({ kind, text: found, line, column })
      }
    }
  }
  tokens.push({ kind: 'end', text: '', line, column: at - lineStart + 1 })
  return tokens
}
