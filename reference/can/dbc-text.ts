import { decodeText } from './text-encoding.js'

/**
 * The text of a DBC file.
 * @param encoding what it is written in, e.g. `gbk`; detected unless told
 * @throws RangeError for a label that is none, TypeError for bytes that are not of that encoding
 */
export function readDbcText(bytes: Uint8Array, encoding?: string): string {
  return decodeText(bytes, encoding)
}
