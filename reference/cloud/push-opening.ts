import { randomBytes } from 'node:crypto'
import { firstSecret, sameSecret, secretsOf, type RotatingSecret } from '../same-secret.js'
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

export interface OpenedPush {
  readonly push: PushMessage
  /** The answer as it goes out: `success` is never encrypted, everything else is when the push was. */
  close(reply: string): string
}

/**
 * Opens pushes of one account, and closes the answers. With an EncodingAESKey every push must be encrypted, as in the
 * modes compatible and safe: the signature of a plain push does not cover its body. While Token or key are replaced,
 * pushes under the old ones are opened too, and answered under what they came with.
 */
export class PushOpening {
  readonly #ciphers: readonly PushCipher[]

  /** @throws AesKeyInvalid */
  constructor(
    private readonly token: RotatingSecret,
    appId: string,
    aesKey: RotatingSecret | undefined,
    private readonly random16: () => Uint8Array = () => randomBytes(16),
  ) {
    this.#ciphers = secretsOf(aesKey ?? []).map((key) => new PushCipher(key, appId))
  }

  /** Whether what says that a push is WeChat's says so of its body too. */
  get coversBody(): boolean {
    return this.#ciphers.length > 0
  }

  /** @throws MalformedPush, PushNotOpened */
  open(body: Uint8Array, query: PushQuery): OpenedPush {
    const encrypted = query.encryptType === 'aes'
    if (!this.coversBody) {
      if (encrypted) throw new PushNotOpened('it is encrypted, and no wechat.aesKey is set')
      return { push: readPush(body), close: (reply) => reply }
    }
    if (!encrypted) throw new PushNotOpened('it is not encrypted, and wechat.aesKey is set')
    const { timestamp, nonce } = query
    const ciphertext = textOf(readPushXml(body), 'Encrypt')
    const token = firstSecret(this.token, (one) =>
      sameSecret(query.messageSignature, signPush(one, timestamp, nonce, ciphertext)),
    )
    if (token === undefined) throw new PushNotOpened('msg_signature is wrong')
    const { text, cipher } = this.#decrypt(ciphertext)
    return { push: readPush(text), close: (reply) => this.close(reply, timestamp, nonce, token, cipher) }
  }

  /** Closes an answer under the newest Token and key, unless others are given. */
  close(
    reply: string,
    timestamp: string,
    nonce: string,
    token = secretsOf(this.token)[0] ?? '',
    cipher = this.#ciphers[0],
  ): string {
    if (!cipher || reply === 'success') return reply
    const ciphertext = cipher.encrypt(reply, this.random16())
    return writeXml({
      Encrypt: ciphertext,
      MsgSignature: signPush(token, timestamp, nonce, ciphertext),
      TimeStamp: { bare: timestamp },
      Nonce: nonce,
    })
  }

  #decrypt(ciphertext: string): { readonly text: string; readonly cipher: PushCipher } {
    let refused: CiphertextRefused | undefined
    for (const cipher of this.#ciphers) {
      try {
        return { text: cipher.decrypt(ciphertext), cipher }
      } catch (error) {
        if (!(error instanceof CiphertextRefused)) throw error
        refused ??= error
      }
    }
    throw new PushNotOpened(refused?.reason ?? 'there is no key')
  }
}
