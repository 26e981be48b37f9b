const LONGEST_TEXT = 256
const MOST_ITEMS = 32
const DEEPEST = 6

const cutText = (text: string) =>
  text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}… (${text.length} characters)`

/** A JSON value whose texts, lists and objects are cut to a length that a log line may have. */
export function cutFields(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cutText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEEPEST) return '…'
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map((item) => cutFields(item, depth + 1))
    return value.length <= MOST_ITEMS ? items : [...items, `… (${value.length} items)`]
  }
  const entries = Object.entries(value)
  return Object.fromEntries([
    ...entries
      .slice(0, MOST_ITEMS)
      .map(([name, item]) => [cutText(name), cutFields(item, depth + 1)] as const),
    ...(entries.length <= MOST_ITEMS ? [] : [['…', `(${entries.length} fields)`] as const]),
  ])
}
