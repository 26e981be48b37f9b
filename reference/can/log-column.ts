/**
 * Where a line stops to be what it should be.
 * @param parts what stands one behind the other in a sound line; each takes the blanks before it
 * @returns the column, from 1, of the first word that has no place there, or of the end where one is missing
 */
export function columnOfMismatch(text: string, parts: readonly RegExp[]): number {
  let at = 0
  for (const part of parts) {
    const sticky = new RegExp(part.source, 'iy')
    sticky.lastIndex = at
    const match = sticky.exec(text)
    if (!match) break
    at = sticky.lastIndex
  }
  const blanks = /^\s*/.exec(text.slice(at))?.[0].length ?? 0
  return at + blanks + 1
}

/** @returns the column, from 1, of the word with this index; of the line's end where there are fewer */
export function columnOfWord(text: string, index: number): number {
  let count = 0
  for (const { index: at } of text.matchAll(/\S+/g)) if (count++ === index) return at + 1
  return text.trimEnd().length + 1
}
