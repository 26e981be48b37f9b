import { hash } from 'node:crypto'

/**
 * SHA-1 over the parts, sorted and joined: over token, timestamp and nonce it is the `signature` of a push, which does
 * not cover the body; with the ciphertext as a fourth part it is the `msg_signature`, which covers all that is secret.
 * @returns 40 hexadecimal digits
 */
export function signPush(token: string, timestamp: string, nonce: string, ciphertext?: string): string {
  const parts = [token, timestamp, nonce, ...(ciphertext === undefined ? [] : [ciphertext])]
  return hash('sha1', parts.sort().join(''))
}

/**
 * The signature that a page hands to `wx.config`.
 * @param url of the page, as the browser shows it; its fragment is not signed
 */
export function signPage(ticket: string, nonceStr: string, timestamp: string, url: string): string {
  const text = `jsapi_ticket=${ticket}&noncestr=${nonceStr}&timestamp=${timestamp}&url=${url.split('#')[0]}`
  return hash('sha1', text)
}
