/** C0, DEL and C1 (a terminal obeys them), what turns the direction of writing (Unicode's Bidi_Control), line separators. */
const UNSEEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu
const UNSEEN_BUT_LINES = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * A text as a terminal may show it: what a terminal would obey instead is written as JSON escapes it, e.g. `\u001b`, so
 * that in JSON it stays the same value.
 * @param keepLines leaves line feeds and tabs, for a text of several lines
 */
export function visibleText(text: string, keepLines = false): string {
  return text.replace(keepLines ? UNSEEN_BUT_LINES : UNSEEN, escaped)
}
