export type JsonRefusal =
  'json-not-utf8' | 'json-too-deep' | 'json-field-twice' | 'json-malformed' | 'json-no-object'

/** Thrown for JSON that is not taken; it says why, and repeats nothing of it. */
export class JsonRefused extends Error {
  override readonly name = 'JsonRefused'
  constructor(readonly reason: JsonRefusal) {
    super(`the JSON is refused: ${reason}`)
  }
}

const MAX_DEPTH = 32
/** A text, or a mark of structure; numbers and words are skipped. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/** Fields of the objects that are open, outermost first; undefined for a list. */
function checkStructure(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let last = ''
  TOKEN.lastIndex = 0
  for (let found = TOKEN.exec(text); found; found = TOKEN.exec(text)) {
    const [token] = found
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : undefined)
      if (open.length > MAX_DEPTH) throw new JsonRefused('json-too-deep')
    } else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const name = JSON.parse(last) as string
      const fields = open.at(-1)
      if (fields?.has(name)) throw new JsonRefused('json-field-twice')
      fields?.add(name)
    }
    last = token
  }
}

/**
 * An object from the bytes of a request. Fields that are there twice are refused, since parsers disagree which one
 * counts, and so is nesting that no call needs.
 * @throws JsonRefused
 */
export function readJsonObject(body: Uint8Array): object {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new JsonRefused('json-not-utf8')
  }
  let value: unknown
  try {
    checkStructure(text)
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof JsonRefused) throw error
    throw new JsonRefused('json-malformed')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new JsonRefused('json-no-object')
  return value
}
