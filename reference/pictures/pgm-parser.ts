/** A frame as it came in; `grey` is its own memory, nobody else's. */
export interface PgmPicture {
  readonly width: number
  readonly height: number
  readonly grey: Uint8Array
}

/** Thrown for a stream that is not a series of PGM pictures; nothing after it can be trusted. */
export class MalformedPgm extends Error {
  override readonly name = 'MalformedPgm'
  constructor(what: string) {
    super(`the camera's stream is not PGM (P5, 8 bits): ${what}; does it send "-f image2pipe -c:v pgm"?`)
  }
}

/** Larger pictures are refused before memory is set aside for them. */
export const MAX_SIDE_PIXELS = 4_096

/** A header with comments is longer than `P5 4096 4096 255`, but not without end. */
const MAX_HEADER_BYTES = 512

const HASH = 0x23
const NEWLINE = 0x0a
const isSpace = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)

/**
 * Reads the header of a netpbm PGM: magic, width, height and largest value, parted by white space or comments, and a
 * single white space before the pixels (netpbm.sourceforge.net/doc/pgm.html).
 * @returns undefined while it is not whole yet
 * @throws MalformedPgm
 */
function readHeader(bytes: Uint8Array) {
  const words: string[] = []
  let word = ''
  let isComment = false
  for (const [index, byte] of bytes.entries()) {
    if (isComment) {
      isComment = byte !== NEWLINE
    } else if (byte === HASH && word === '') {
      isComment = true
    } else if (!isSpace(byte)) {
      word += String.fromCharCode(byte)
      if (word.length > 8) throw new MalformedPgm('a word of its header is too long')
    } else if (word !== '') {
      words.push(word)
      word = ''
      if (words[0] !== 'P5') throw new MalformedPgm(`it begins with ${JSON.stringify(words[0])}`)
      if (words.length === 4) return { words, length: index + 1 }
    }
  }
  return undefined
}

function sideOf(word: string | undefined, name: string): number {
  const side = /^\d{1,8}$/.test(word ?? '') ? Number(word) : NaN
  if (side >= 1 && side <= MAX_SIDE_PIXELS) return side
  throw new MalformedPgm(`a ${name} of ${word} pixels, where 1 to ${MAX_SIDE_PIXELS} are possible`)
}

/** Cuts a byte stream into pictures, however the bytes are chopped; holds one picture's memory at most. */
export class PgmParser {
  #header: Uint8Array = new Uint8Array(0)
  #picture: PgmPicture | undefined
  #filled = 0

  constructor(private readonly onPicture: (picture: PgmPicture) => void) {}

  /** @throws MalformedPgm */
  push(chunk: Uint8Array): void {
    let rest = chunk
    while (rest.length > 0) rest = this.#picture ? this.#fill(this.#picture, rest) : this.#begin(rest)
  }

  /** True between two pictures. */
  get isBetween(): boolean {
    return !this.#picture && this.#header.length === 0
  }

  #begin(chunk: Uint8Array): Uint8Array {
    const before = this.#header.length
    const head = Buffer.concat([this.#header, chunk.subarray(0, MAX_HEADER_BYTES - before)])
    const header = readHeader(head)
    if (!header) {
      if (head.length >= MAX_HEADER_BYTES) throw new MalformedPgm('its header does not end')
      this.#header = head
      return new Uint8Array(0)
    }
    const [, width, height, largest] = header.words
    if (largest !== '255') throw new MalformedPgm(`its largest grey value is ${largest}, not 255`)
    const size = { width: sideOf(width, 'width'), height: sideOf(height, 'height') }
    this.#picture = { ...size, grey: new Uint8Array(size.width * size.height) }
    this.#filled = 0
    this.#header = new Uint8Array(0)
    return chunk.subarray(header.length - before)
  }

  #fill(picture: PgmPicture, chunk: Uint8Array): Uint8Array {
    const piece = chunk.subarray(0, picture.grey.length - this.#filled)
    picture.grey.set(piece, this.#filled)
    this.#filled += piece.length
    if (this.#filled === picture.grey.length) {
      this.#picture = undefined
      this.onPicture(picture)
    }
    return chunk.subarray(piece.length)
  }
}
