import { visit, type Document, type LineCounter, type Node } from 'yaml'

/** A mistake at `line:column` of a YAML text. */
type Mistake = string

/**
 * The value of a YAML document that was parsed without errors.
 * @returns `mistakes` for aliases that cannot be followed: without an anchor before them, inside what they repeat, or
 *   so many that the value would outgrow the text beyond all use
 */
export function yamlValue(
  document: Document,
  lines: LineCounter,
): { readonly value: unknown } | { readonly mistakes: readonly Mistake[] } {
  const at = ({ range }: Node) => {
    const { line, col } = lines.linePos(range?.[0] ?? 0)
    return `${line}:${col}`
  }
  const mistakes: Mistake[] = []
  let last: Node | undefined
  visit(document, {
    Alias(_key, alias, path) {
      last = alias
      const target = alias.resolve(document)
      if (!target) mistakes.push(`${at(alias)} there is no anchor &${alias.source} before this alias`)
      else if (path.includes(target))
        mistakes.push(`${at(alias)} the alias *${alias.source} repeats what it stands in`)
    },
  })
  if (mistakes.length > 0) return { mistakes }
  try {
    return { value: document.toJS() as unknown }
  } catch (error) {
    // yaml's guard against a value that aliases of aliases blow up.
    if (!(error instanceof ReferenceError) || !last) throw error
    return { mistakes: [`${at(last)} aliases up to here repeat other aliases too often`] }
  }
}
