const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const gb18030 = new TextDecoder('gb18030', { fatal: true })

/** Of the pairs of bytes that a Chinese text consists of, most are characters of GB 2312: both bytes from A1 on. */
const LEAST_COMMON_SHARE = 0.6

function decoded(bytes: Uint8Array, decoder: { decode(bytes: Uint8Array): string }): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

function commonShare(bytes: Uint8Array): number {
  let [pairs, common] = [0, 0]
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] ?? 0) < 0x80) continue
    pairs++
    if ((bytes[i] ?? 0) >= 0xa1 && (bytes[i + 1] ?? 0) >= 0xa1) common++
    i++
  }
  return pairs === 0 ? 0 : common / pairs
}

/**
 * A payload whose character set the symbol does not declare (ISO/IEC 18004 has ECI for that, hardly any generator uses
 * it). What is well-formed UTF-8 is UTF-8; what is GB 18030 of mostly common characters is that: the codes that lots in
 * China print.
 * @param guessed the decoder's own reading, for anything else; ISO 8859-1 where it has none
 */
export function payloadText(bytes: Uint8Array, guessed: string): string {
  const text = decoded(bytes, utf8)
  if (text !== undefined) return text
  const chinese = commonShare(bytes) >= LEAST_COMMON_SHARE ? decoded(bytes, gb18030) : undefined
  return chinese ?? (guessed || Buffer.from(bytes).toString('latin1'))
}
