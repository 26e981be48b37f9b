import type { Decode } from '../../../reference/ports/decoder.js'

/** Each payload once, as the first way to read it found it: the same code read twice is one code. */
export function distinct(decodes: readonly Decode[]): Decode[] {
  const seen = new Set<string>()
  return decodes.filter(({ symbology, text }) => {
    const key = `${symbology} ${text}`
    return !seen.has(key) && seen.add(key)
  })
}
