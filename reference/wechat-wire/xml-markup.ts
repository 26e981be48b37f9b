import { XmlRefused } from './xml-refused.js'

/** Attributes, whose values hold no angle bracket: so every reader agrees where the tag ends. */
const ATTRIBUTES = /^[^"'<]*(?:(?:"[^"<]*"|'[^'<]*')[^"'<]*)*$/
const OTHER_ENCODING = /encoding\s*=\s*["'](?!utf-?8["'])/i
const ENTITY = /&(?!(?:lt|gt|amp|apos|quot|#\d{1,7}|#x[\da-fA-F]{1,6});)/
const NUMBERED = /&#(?:(\d+)|x([\da-fA-F]+));/g

/** The characters that XML 1.0 has, clause 2.2. */
const isCharacter = (code: number) =>
  code >= 0x20
    ? code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x1_0000 && code <= 0x10_ffff)
    : code === 9 || code === 10 || code === 13

function checkText(text: string): void {
  if (!text.includes('&')) return
  if (ENTITY.test(text)) throw new XmlRefused('xml-entity-unknown')
  for (const [, decimal, hexadecimal] of text.matchAll(NUMBERED)) {
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal)
    if (!isCharacter(code)) throw new XmlRefused('xml-control-character')
  }
}

/** How a piece of markup ends; document types are not taken. */
function endOf(xml: string, open: number): string {
  if (xml.startsWith('<!--', open)) return '-->'
  if (xml.startsWith('<![CDATA[', open)) return ']]>'
  if (xml.startsWith('<!', open)) throw new XmlRefused('xml-document-type')
  return xml.startsWith('<?', open) ? '?>' : '>'
}

/**
 * Goes over a document once, before anything is made of it: no document type, wherever it hides, so there is no entity
 * to expand or to fetch; no entity but XML's own; no instruction but XML's declaration, in UTF-8.
 * @throws XmlRefused
 */
export function checkMarkup(xml: string): void {
  let at = 0
  for (let open = xml.indexOf('<'); open !== -1; open = xml.indexOf('<', at)) {
    checkText(xml.slice(at, open))
    const end = endOf(xml, open)
    const close = xml.indexOf(end, open + (end === '-->' ? 4 : 1))
    if (close === -1) throw new XmlRefused('xml-malformed')
    const inner = xml.slice(open + 1, close)
    if (end === '?>' && (open > 0 || !/^\?xml\s/.test(inner) || OTHER_ENCODING.test(inner))) {
      throw new XmlRefused('xml-malformed')
    }
    if (end === '>' && !ATTRIBUTES.test(inner)) throw new XmlRefused('xml-malformed')
    at = close + end.length
  }
  checkText(xml.slice(at))
}
