/** Thrown for bytes that are not one flat msgpack map of scalars. */
export class MsgpackSyntaxError extends Error {
  override readonly name = 'MsgpackSyntaxError'
}

/** A value that a flat map can hold. Integers beyond 2^53 lose their last digits. */
export type MsgpackScalar = undefined | boolean | number | string | Uint8Array

/**
 * Reads scalars one after the other (msgpack specification, "Formats"). Arrays, maps and extensions are refused where
 * a scalar is due, so nothing nests and nothing recurses, whatever comes in.
 */
export class MsgpackScalars {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** The number of pairs of the map that begins here. */
  mapSize(): number {
    const head = this.#u8()
    if ((head & 0xf0) === 0x80) return head & 0x0f
    if (head === 0xde) return this.#bytes.readUInt16BE(this.#take(2))
    if (head === 0xdf) return this.#bytes.readUInt32BE(this.#take(4))
    throw new MsgpackSyntaxError(`byte ${hex(head)} begins no map`)
  }

  /** Passes over bytes that are as expected; stays where it is otherwise. Cheaper than reading a text. */
  passes(expected: Uint8Array): boolean {
    const bytes = this.#bytes
    const at = this.#at
    if (bytes.length - at < expected.length) return false
    for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false
    this.#at = at + expected.length
    return true
  }

  scalar(): MsgpackScalar {
    const head = this.#u8()
    if (head <= 0x7f) return head
    if (head >= 0xe0) return head - 0x100
    if ((head & 0xe0) === 0xa0) return this.#text(head & 0x1f)
    const bytes = this.#bytes
    switch (head) {
      case 0xc0:
        return undefined
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.#binary(this.#u8())
      case 0xc5:
        return this.#binary(bytes.readUInt16BE(this.#take(2)))
      case 0xc6:
        return this.#binary(bytes.readUInt32BE(this.#take(4)))
      case 0xca:
        return bytes.readFloatBE(this.#take(4))
      case 0xcb:
        return bytes.readDoubleBE(this.#take(8))
      case 0xcc:
        return this.#u8()
      case 0xcd:
        return bytes.readUInt16BE(this.#take(2))
      case 0xce:
        return bytes.readUInt32BE(this.#take(4))
      case 0xcf:
        return Number(bytes.readBigUInt64BE(this.#take(8)))
      case 0xd0:
        return bytes.readInt8(this.#take(1))
      case 0xd1:
        return bytes.readInt16BE(this.#take(2))
      case 0xd2:
        return bytes.readInt32BE(this.#take(4))
      case 0xd3:
        return Number(bytes.readBigInt64BE(this.#take(8)))
      case 0xd9:
        return this.#text(this.#u8())
      case 0xda:
        return this.#text(bytes.readUInt16BE(this.#take(2)))
      case 0xdb:
        return this.#text(bytes.readUInt32BE(this.#take(4)))
      default:
        throw new MsgpackSyntaxError(`byte ${hex(head)} begins no scalar`)
    }
  }

  #u8(): number {
    return this.#bytes[this.#take(1)] as number
  }

  #text(length: number): string {
    const start = this.#take(length)
    return this.#bytes.toString('utf8', start, start + length)
  }

  #binary(length: number): Uint8Array {
    const start = this.#take(length)
    return new Uint8Array(this.#bytes.subarray(start, start + length))
  }

  /** @returns where the bytes begin that are taken */
  #take(length: number): number {
    const start = this.#at
    if (length > this.#bytes.length - start) {
      throw new MsgpackSyntaxError(`${length} bytes are due, ${this.#bytes.length - start} are left`)
    }
    this.#at = start + length
    return start
  }
}

const hex = (byte: number) => `0x${byte.toString(16).padStart(2, '0')}`
