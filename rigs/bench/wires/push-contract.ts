import { CiphertextRefused, PushCipher } from '../../../reference/wechat-wire/push-cipher.js'
import { signPush } from '../../../reference/wechat-wire/push-signature.js'
import { readXml, textOf, XmlRefused, type XmlFields } from '../../../reference/wechat-wire/strict-xml.js'
import type { HttpContract } from './http-wire.js'
import { openApiCheck } from './openapi-check.js'
import type { TappedRequest } from './tapped-http.js'

/** How the account's pushes are encrypted on the wire, and what it takes to read them there. */
export interface PushProtection {
  readonly mode: 'plain' | 'compatible' | 'safe'
  readonly token: string
  readonly appId: string
  /** EncodingAESKey. */
  readonly aesKey: string
}

/** What is wrong with a message, for the report. */
class Broken extends Error {}

function fieldsOf(text: string): XmlFields {
  try {
    return readXml(text)
  } catch (error) {
    if (error instanceof XmlRefused) throw new Broken(`is no XML that WeChat takes (${error.reason})`)
    throw error
  }
}

/** @returns what `judge` finds broken, or undefined */
function verdictOf(judge: () => string | undefined): string | undefined {
  try {
    return judge()
  } catch (error) {
    if (error instanceof Broken) return error.message
    throw error
  }
}

/**
 * WeChat's push: XML of a known shape, answered with XML, `success` or nothing; encrypted as the account's mode says.
 * What was encrypted is judged, and shown in the evidence, as it stands in plain mode.
 */
export function pushContract({ mode, token, appId, aesKey }: PushProtection): HttpContract {
  const check = openApiCheck('wechat.openapi')
  const cipher = mode === 'plain' ? undefined : new PushCipher(aesKey, appId)

  function opened(ciphertext: string): string {
    if (!cipher) throw new Broken('is encrypted in plain mode')
    try {
      return cipher.decrypt(ciphertext)
    } catch (error) {
      if (error instanceof CiphertextRefused) throw new Broken(`cannot be decrypted: ${error.reason}`)
      throw error
    }
  }

  /** The signature over token, timestamp and nonce, which every push and every verification carries. */
  function judgeSignature(query: URLSearchParams): string | undefined {
    const signature = query.get('signature')
    if (signature === null) return 'has no signature'
    const expected = signPush(token, query.get('timestamp') ?? '', query.get('nonce') ?? '')
    return signature === expected ? undefined : 'has a wrong signature'
  }

  function judgePush(text: string, query: URLSearchParams): string | undefined {
    const fields = fieldsOf(text)
    const ciphertext = textOf(fields, 'Encrypt')
    if (!cipher) return ciphertext === '' ? check.message('Push', fields) : 'is encrypted in plain mode'
    if (query.get('encrypt_type') !== 'aes') return `is not marked encrypt_type=aes in ${mode} mode`
    const expected = signPush(token, query.get('timestamp') ?? '', query.get('nonce') ?? '', ciphertext)
    if (query.get('msg_signature') !== expected) return 'has a wrong msg_signature'
    const inner = fieldsOf(opened(ciphertext))
    const readable = Object.keys(fields).filter((name) => name !== 'Encrypt' && name !== 'ToUserName')
    if (mode === 'safe' && readable.length > 0) return `shows ${readable.join(', ')} in safe mode`
    const other = readable.find((name) => JSON.stringify(fields[name]) !== JSON.stringify(inner[name]))
    if (other !== undefined) return `shows another ${other} than it encrypts`
    return check.message('EncryptedPush', fields) ?? check.message('Push', inner)
  }

  /** The nonce is the account's own choice: SDKs draw one, and WeChat takes it. */
  function judgeReply(text: string): string | undefined {
    const fields = fieldsOf(text)
    const ciphertext = textOf(fields, 'Encrypt')
    if (ciphertext === '') {
      return mode === 'safe' ? 'is in plain text in safe mode' : check.message('PassiveReply', fields)
    }
    const inner = opened(ciphertext)
    const nonce = textOf(fields, 'Nonce')
    const expected = signPush(token, textOf(fields, 'TimeStamp'), nonce, ciphertext)
    if (textOf(fields, 'MsgSignature') !== expected) return 'has a wrong MsgSignature'
    return check.message('EncryptedReply', fields) ?? check.message('PassiveReply', fieldsOf(inner))
  }

  function judgeRequest({ method, path, body }: TappedRequest): string | undefined {
    const query = new URL(path, 'http://cloud').searchParams
    const wrong = judgeSignature(query)
    if (wrong !== undefined || method === 'GET') return wrong
    return verdictOf(() => judgePush(body.toString('utf8'), query))
  }

  return {
    request: judgeRequest,
    response: ({ request, status, body }) => {
      const text = body.toString('utf8').trim()
      // What is not WeChat's, or broken, is refused as the account likes.
      if (status >= 400 && status < 500 && judgeRequest(request) !== undefined) return undefined
      if (status !== 200) return `answers a push with ${status}`
      if (request.method === 'GET' || text === '' || text === 'success') return undefined
      return verdictOf(() => judgeReply(text))
    },
    readable(text) {
      if (!cipher || !text.includes('<Encrypt>')) return text
      try {
        return opened(textOf(fieldsOf(text), 'Encrypt'))
      } catch (error) {
        if (error instanceof Broken) return text
        throw error
      }
    },
  }
}
