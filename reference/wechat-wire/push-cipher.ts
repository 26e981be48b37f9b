import { createCipheriv, createDecipheriv } from 'node:crypto'

/** PKCS#7, but over 32 bytes: WeChat pads to twice the block of AES. */
const PADDING_BYTES = 32
const RANDOM_BYTES = 16
const LENGTH_BYTES = 4

/** Thrown for an EncodingAESKey that is none; the key is not repeated. */
export class AesKeyInvalid extends Error {
  override readonly name = 'AesKeyInvalid'
  constructor() {
    super('the EncodingAESKey must be 43 letters and digits, as the console shows it')
  }
}

export type CipherRefusal = 'ciphertext-malformed' | 'padding-wrong' | 'length-wrong' | 'app-id-wrong'

/** Thrown for a ciphertext that nobody with this key and appId made. */
export class CiphertextRefused extends Error {
  override readonly name = 'CiphertextRefused'
  constructor(readonly reason: CipherRefusal) {
    super(`the encrypted message cannot be taken: ${reason}; are EncodingAESKey and appId the account's?`)
  }
}

/** Encrypts and decrypts what passes between WeChat and an account: AES-256-CBC under the account's EncodingAESKey. */
export class PushCipher {
  readonly #key: Buffer

  /** @param encodingAesKey 43 characters of base64. @throws AesKeyInvalid */
  constructor(
    encodingAesKey: string,
    private readonly appId: string,
  ) {
    if (!/^[A-Za-z0-9]{43}$/.test(encodingAesKey)) throw new AesKeyInvalid()
    this.#key = Buffer.from(`${encodingAesKey}=`, 'base64')
  }

  /** @param random 16 bytes, new for every message. @returns base64 */
  encrypt(message: string, random: Uint8Array): string {
    if (random.length !== RANDOM_BYTES) throw new RangeError('a message begins with 16 random bytes')
    const text = Buffer.from(message)
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32BE(text.length)
    const plain = Buffer.concat([random, length, text, Buffer.from(this.appId)])
    const pad = PADDING_BYTES - (plain.length % PADDING_BYTES)
    const cipher = createCipheriv('aes-256-cbc', this.#key, this.#key.subarray(0, 16)).setAutoPadding(false)
    return Buffer.concat([
      cipher.update(plain),
      cipher.update(Buffer.alloc(pad, pad)),
      cipher.final(),
    ]).toString('base64')
  }

  /** @param ciphertext base64. @throws CiphertextRefused */
  decrypt(ciphertext: string): string {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(ciphertext)) throw new CiphertextRefused('ciphertext-malformed')
    const bytes = Buffer.from(ciphertext, 'base64')
    if (bytes.length === 0 || bytes.length % 16 !== 0) throw new CiphertextRefused('ciphertext-malformed')
    const decipher = createDecipheriv('aes-256-cbc', this.#key, this.#key.subarray(0, 16)).setAutoPadding(
      false,
    )
    const padded = Buffer.concat([decipher.update(bytes), decipher.final()])
    const pad = padded.at(-1) ?? 0
    const padding = padded.subarray(-pad)
    if (pad < 1 || pad > PADDING_BYTES || pad > padded.length || !padding.every((byte) => byte === pad)) {
      throw new CiphertextRefused('padding-wrong')
    }
    const plain = padded.subarray(0, padded.length - pad)
    const head = RANDOM_BYTES + LENGTH_BYTES
    const length = plain.length < head ? Infinity : plain.readUInt32BE(RANDOM_BYTES)
    if (head + length > plain.length) throw new CiphertextRefused('length-wrong')
    if (plain.toString('utf8', head + length) !== this.appId) throw new CiphertextRefused('app-id-wrong')
    return plain.toString('utf8', head, head + length)
  }
}
