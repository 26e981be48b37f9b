/** A named value found in a text. */
export interface FieldMatch {
  readonly name: string
  /** Decoded. */
  readonly value: string
}

/** What to write in place of the value, or undefined to leave it. */
type Replace = (match: FieldMatch) => string | undefined

const NAME = '[A-Za-z][\\w.-]{1,39}'

/** `<Name>value</Name>`, `<Name><![CDATA[value]]></Name>`: leaves only. */
const XML_LEAF = new RegExp(
  `(<((?:\\w+:)?${NAME})(?:\\s[^<>]*)?>\\s*)(?:<!\\[CDATA\\[([\\s\\S]*?)\\]\\]>|([^<]+))(?=\\s*</)`,
  'g',
)
/** `"name": "value"`, also with escaped quotes (JSON in a JSON string) or single ones (an inspected object). */
const QUOTED_FIELD = new RegExp(
  `((?:\\\\*["'])?(${NAME})(?:\\\\*["'])?\\s*[:=]\\s*\\\\*(["']))((?:(?!\\\\*\\3)[\\s\\S])*)`,
  'g',
)
/** `name=value` of a query or a form. */
const QUERY_FIELD = new RegExp(`((?<![\\w.%-])(${NAME})=)([^&\\s"'<>#,;\\\\]+)`, 'g')
/** The same percent-encoded, once or more, as inside a redirect: it ends at a separator that is encoded as often. */
const ENCODED_QUERY_FIELD = new RegExp(
  `((?:%((?:25)*)(?:3F|26)|(?<![\\w.%-])())(${NAME})%(?:\\2|(?:25)*)3D)((?:(?!%\\2(?:26|23))[^&\\s"'<>#,;\\\\])+)`,
  'gi',
)
/** `Name: value` of a header or a log line; not for `code`, which is also an everyday word. */
const COLON_FIELD = new RegExp(
  `((?<![\\w"'-])(${NAME})\\s*:\\s+)((?:(?:Bearer|Basic)\\s+)?[^\\s"'<>,;{}[\\]]+)`,
  'gi',
)

/**
 * Finds named values in XML, quoted, query and header form.
 * @param nested what to do with the decoded value of another field, which may hold named values itself
 */
export function fieldPatterns(text: string, replace: Replace, nested: (text: string) => string): string {
  let output = text
  if (output.includes('<')) {
    output = output.replace(
      XML_LEAF,
      (whole, opening: string, name: string, cdata: string | undefined, plain: string | undefined) => {
        const shown = replace({ name: name.replace(/^\w+:/, ''), value: cdata ?? unescapeXml(plain!.trim()) })
        if (shown === undefined) return whole
        return opening + (cdata === undefined ? shown : `<![CDATA[${shown}]]>`)
      },
    )
  }
  const rewrite = (whole: string, head: string, name: string, value: string) => {
    const shown = replace({ name, value })
    return shown === undefined ? whole : head + shown
  }
  const rewriteQuery = (whole: string, head: string, name: string, value: string) => {
    const shown = replace({ name, value: decodeFully(value) })
    if (shown !== undefined) return head + shown
    const decoded = decodeOnce(value)
    if (decoded === value) return whole
    const inner = nested(decoded)
    return inner === decoded ? whole : head + encodeURIComponent(inner)
  }
  if (/["']/.test(output)) {
    output = output.replace(
      QUOTED_FIELD,
      (whole, head: string, name: string, _quote: string, value: string) => rewrite(whole, head, name, value),
    )
  }
  if (output.includes('=')) output = output.replace(QUERY_FIELD, rewriteQuery)
  if (/%(?:25)*3D/i.test(output)) {
    output = output.replace(
      ENCODED_QUERY_FIELD,
      (whole, head: string, _level: string, _start: string, name: string, value: string) =>
        rewrite(whole, head, name, decodeFully(value)),
    )
  }
  if (output.includes(':')) {
    output = output.replace(COLON_FIELD, (whole, head: string, name: string, value: string) =>
      name.toLowerCase() === 'code' ? whole : rewrite(whole, head, name, value),
    )
  }
  return output
}

function unescapeXml(text: string): string {
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
}

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Percent-decoding until nothing changes, so that a value has one fingerprint however it was written. */
function decodeFully(text: string): string {
  let current = text
  for (let i = 0; i < 4 && current.includes('%'); i++) current = decodeOnce(current)
  return current
}
