/** What Windows-1252 has at 0x80…0x9F; its five unassigned bytes stay the control characters that they are in Latin-1. */
const CP1252_HIGH =
  '\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F' +
  '\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178'

/** Some runtimes decode `windows-1252` as Latin-1, hence the table. */
function decodeCp1252(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) =>
    byte >= 0x80 && byte < 0xa0 ? CP1252_HIGH.charAt(byte - 0x80) : String.fromCharCode(byte),
  ).join('')
}

/** What the text files of CAN tools are written in. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gbk' | 'windows-1252'

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/**
 * Whether all that is not ASCII stands in pairs of GBK, and most of these are Chinese characters of daily use (level 1
 * of GB 2312). Accented letters of Windows-1252 come one at a time: with the quote, blank or letter behind them they
 * make no such pair.
 */
function looksLikeGbk(bytes: Uint8Array): boolean {
  let [pairs, common] = [0, 0]
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] as number
    if (lead < 0x80) continue
    const trail = bytes[++at] ?? 0
    if (lead === 0x80 || lead === 0xff || trail < 0x40 || trail === 0x7f || trail === 0xff) return false
    pairs++
    if (lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1) common++
  }
  return common * 2 > pairs
}

/**
 * What a text is written in, since no DBC file and no log says so: UTF-8 where the bytes are that; UTF-16 by its byte order mark; GBK
 * where they look like Chinese; else Windows-1252, in which most editors write.
 */
export function detectTextEncoding(bytes: Uint8Array): TextEncoding {
  if (isUtf8(bytes)) return 'utf-8'
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return looksLikeGbk(bytes) ? 'gbk' : 'windows-1252'
}

/**
 * The text without a byte order mark.
 * @param encoding a label of the WHATWG Encoding Standard, e.g. `gbk`; detected unless told. What is detected reads every
 *   sequence of bytes, of what is told the bytes have to be
 * @throws RangeError for a label that is none, TypeError for bytes that are not of that encoding
 */
export function decodeText(bytes: Uint8Array, encoding?: string): string {
  const decoder = new TextDecoder(encoding ?? detectTextEncoding(bytes), { fatal: encoding !== undefined })
  return decoder.encoding === 'windows-1252' ? decodeCp1252(bytes) : decoder.decode(bytes)
}
