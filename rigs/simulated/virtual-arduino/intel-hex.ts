import { RigFault } from '../../../reference/ports/faults.js'

/** Thrown for a text that is not whole, correct Intel HEX; names the line. */
export class MalformedHex extends RigFault {
  override readonly name = 'MalformedHex'
  constructor(line: number, problem: string) {
    super(`Intel HEX line ${line}: ${problem}; the file is damaged, fetch it anew`)
  }
}

const DATA = 0
const END_OF_FILE = 1

/**
 * Reads Intel HEX (Intel, "Hexadecimal Object File Format", rev. A 1988) into an image of `bytes` bytes, erased flash
 * (0xFF) where the file is silent. Only record types 0 and 1 are known: an Uno's 32 KiB need no more.
 * @throws MalformedHex
 */
export function readIntelHex(text: string, bytes: number): Uint8Array {
  const image = new Uint8Array(bytes).fill(0xff)
  const lines = text.split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    const record = parseRecord(line, index + 1)
    if (record.type === END_OF_FILE) return image
    if (record.type !== DATA)
      throw new MalformedHex(index + 1, `record type ${record.type} is not known here`)
    if (record.address + record.data.length > bytes) {
      throw new MalformedHex(index + 1, `address ${record.address} lies beyond ${bytes} bytes of flash`)
    }
    image.set(record.data, record.address)
  }
  throw new MalformedHex(lines.length, 'there is no end-of-file record')
}

function parseRecord(line: string, number: number) {
  if (!/^:([0-9a-f]{2}){5,}$/i.test(line)) throw new MalformedHex(number, 'it is not a record')
  const record = Buffer.from(line.slice(1), 'hex')
  const length = record.readUInt8(0)
  if (record.length !== length + 5) throw new MalformedHex(number, 'its length does not match its count')
  if (record.reduce((sum, byte) => sum + byte, 0) % 256 !== 0) {
    throw new MalformedHex(number, 'its checksum is wrong')
  }
  return { address: record.readUInt16BE(1), type: record.readUInt8(3), data: record.subarray(4, 4 + length) }
}
