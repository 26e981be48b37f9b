import { randomBytes } from 'node:crypto'
import { sameSecret } from '../same-secret.js'
import { CiphertextRefused, PushCipher } from '../wechat-wire/push-cipher.js'
import { signPush } from '../wechat-wire/push-signature.js'
import { textOf, writeXml } from '../wechat-wire/strict-xml.js'
import { readPush, readPushXml, type PushMessage } from './push-message.js'

/** How a push says that it is encrypted, and under which signature. */
export interface PushQuery {
  readonly timestamp: string
  readonly nonce: string
  readonly encryptType: string
  readonly messageSignature: string
}

/** Thrown for a push whose encryption is not the account's. */
export class PushNotOpened extends Error {
  override readonly name = 'PushNotOpened'
  constructor(readonly reason: string) {
    super(`the push cannot be opened: ${reason}`)
  }
}

/**
 * Opens pushes of one account, and closes the answers. With an EncodingAESKey every push must be encrypted, as in the
 * modes compatible and safe: the signature of a plain push does not cover its body.
 */
export class PushOpening {
  readonly #cipher: PushCipher | undefined

  /** @throws AesKeyInvalid */
  constructor(
    private readonly token: string,
    appId: string,
    aesKey: string | undefined,
    private readonly random16: () => Uint8Array = () => randomBytes(16),
  ) {
    if (aesKey !== undefined) this.#cipher = new PushCipher(aesKey, appId)
  }

  /** @throws MalformedPush, PushNotOpened */
  open(body: Uint8Array, query: PushQuery): PushMessage {
    const encrypted = query.encryptType === 'aes'
    if (!this.#cipher) {
      if (encrypted) throw new PushNotOpened('it is encrypted, and no wechat.aesKey is set')
      return readPush(body)
    }
    if (!encrypted) throw new PushNotOpened('it is not encrypted, and wechat.aesKey is set')
    const ciphertext = textOf(readPushXml(body), 'Encrypt')
    const expected = signPush(this.token, query.timestamp, query.nonce, ciphertext)
    if (!sameSecret(query.messageSignature, expected)) throw new PushNotOpened('msg_signature is wrong')
    try {
      return readPush(this.#cipher.decrypt(ciphertext))
    } catch (error) {
      if (error instanceof CiphertextRefused) throw new PushNotOpened(error.reason)
      throw error
    }
  }

  /** The answer as it goes out: `success` is never encrypted, everything else is when pushes are. */
  close(reply: string, timestamp: string, nonce: string): string {
    if (!this.#cipher || reply === 'success') return reply
    const ciphertext = this.#cipher.encrypt(reply, this.random16())
    return writeXml({
      Encrypt: ciphertext,
      MsgSignature: signPush(this.token, timestamp, nonce, ciphertext),
      TimeStamp: { bare: timestamp },
      Nonce: nonce,
    })
  }
}
