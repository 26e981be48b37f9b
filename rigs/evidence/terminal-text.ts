import { stripVTControlCharacters } from 'node:util'

/** A text on one terminal line: no control characters, since texts come from other parties. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
}

/** The same for several lines. */
export function manyLines(text: string, indent: string): string {
  return stripVTControlCharacters(text)
    .split('\n')
    .map((line) => indent + line.replace(/\p{Cc}+/gu, ' ').trimEnd())
    .join('\n')
}

/** Columns that a text takes; Chinese characters take two. */
export function columns(text: string): number {
  let width = 0
  for (const character of text) width += isWide(character.codePointAt(0)!) ? 2 : 1
  return width
}

/** Cut to fit into a number of columns. */
export function fit(text: string, most: number): string {
  if (columns(text) <= most) return text
  let cut = ''
  let width = 1
  for (const character of text) {
    width += columns(character)
    if (width > most) break
    cut += character
  }
  return `${cut}…`
}

/** East Asian wide and full-width blocks (Unicode TR 11), as far as names of places and spaces use them. */
function isWide(point: number): boolean {
  return (
    (point >= 0x1100 && point <= 0x115f) ||
    (point >= 0x2e80 && point <= 0xa4cf) ||
    (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0xfe30 && point <= 0xfe6f) ||
    (point >= 0xff00 && point <= 0xff60) ||
    (point >= 0x1f300 && point <= 0x1faff)
  )
}
