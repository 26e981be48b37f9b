import { randomBytes } from 'node:crypto'
import { CiphertextRefused, PushCipher } from '../../wechat-wire/push-cipher.js'
import { signPush } from '../../wechat-wire/push-signature.js'
import { readXml, textOf, writeXml, type XmlRecord } from '../../wechat-wire/strict-xml.js'
import { sameSecret } from '../../same-secret.js'

/** 明文, 兼容 and 安全: how pushes are encrypted. */
export type PushMode = 'plain' | 'compatible' | 'safe'

export interface SealedPush {
  readonly query: Readonly<Record<string, string>>
  readonly body: string
}

export type UnsealRefusal =
  | 'plain-reply-in-safe-mode'
  | 'encrypted-reply-in-plain-mode'
  | 'reply-signature-wrong'
  | CiphertextRefused['reason']

/** How the pushes of one account are signed and, by its mode, encrypted; and how its answers are opened. */
export class PushSealing {
  readonly #cipher: PushCipher | undefined

  /** @throws AesKeyInvalid */
  constructor(
    private readonly token: string,
    private readonly mode: PushMode,
    appId: string,
    encodingAesKey: string | undefined,
    private readonly random16: () => Uint8Array = () => randomBytes(16),
  ) {
    if (mode !== 'plain') this.#cipher = new PushCipher(encodingAesKey ?? '', appId)
  }

  /** The signed query of every call to the account, the verification of its URL included. */
  signed(timestamp: string, nonce: string): Record<string, string> {
    return { signature: signPush(this.token, timestamp, nonce), timestamp, nonce }
  }

  seal(fields: XmlRecord, timestamp: string, nonce: string): SealedPush {
    const query = this.signed(timestamp, nonce)
    const plain = writeXml(fields)
    if (!this.#cipher) return { query, body: plain }
    const ciphertext = this.#cipher.encrypt(plain, this.random16())
    const { ToUserName } = fields
    return {
      query: {
        ...query,
        encrypt_type: 'aes',
        msg_signature: signPush(this.token, timestamp, nonce, ciphertext),
      },
      body: writeXml({ ...(this.mode === 'compatible' ? fields : { ToUserName }), Encrypt: ciphertext }),
    }
  }

  /**
   * The answer of an account as it would stand in plain mode. `success` and nothing are never encrypted.
   * @throws XmlRefused
   */
  open(body: string): string | { readonly refused: UnsealRefusal } {
    const trimmed = body.trim()
    if (trimmed === '' || trimmed === 'success') return trimmed
    const fields = looksEncrypted(trimmed) ? readXml(trimmed) : undefined
    const ciphertext = textOf(fields, 'Encrypt')
    if (ciphertext === '') return this.mode === 'safe' ? { refused: 'plain-reply-in-safe-mode' } : trimmed
    if (!this.#cipher) return { refused: 'encrypted-reply-in-plain-mode' }
    const timestamp = textOf(fields, 'TimeStamp')
    const expected = signPush(this.token, timestamp, textOf(fields, 'Nonce'), ciphertext)
    if (!sameSecret(textOf(fields, 'MsgSignature'), expected)) return { refused: 'reply-signature-wrong' }
    try {
      return this.#cipher.decrypt(ciphertext)
    } catch (error) {
      if (error instanceof CiphertextRefused) return { refused: error.reason }
      throw error
    }
  }
}

/** Spares plain answers, which are judged later, a second reading. */
const looksEncrypted = (body: string) => body.includes('<Encrypt>')
