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

/**
 * The text of a DBC file: UTF-8 where the bytes are that, with or without a byte order mark, else Windows-1252, in
 * which most editors write. Every sequence of bytes is a text in one of them.
 */
export function readDbcText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return decodeCp1252(bytes)
  }
}
