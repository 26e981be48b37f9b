/** What is not a placeholder: a literal, a quoted name, a comment; or one that is. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\/|\?/g

const translated = new Map<string, string>()

/** Statements that are kept; the parties' SQL is constant, so this is only a limit for callers that build theirs. */
const MOST_KEPT = 1_000

/** A statement with `?` placeholders as PostgreSQL wants it: `$1`, `$2`, … in the order of appearance. */
export function numberedPlaceholders(sql: string): string {
  const known = translated.get(sql)
  if (known !== undefined) return known
  let count = 0
  const numbered = sql.replace(TOKEN, (token) => (token === '?' ? `$${++count}` : token))
  if (translated.size < MOST_KEPT) translated.set(sql, numbered)
  return numbered
}
