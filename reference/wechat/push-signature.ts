import { createHash } from 'node:crypto'

/**
 * The `signature` of a push: SHA-1 over the account's token, the timestamp and the nonce, sorted and joined. It does
 * not cover the body: in plain mode nothing does.
 */
export function signPush(token: string, timestamp: string, nonce: string): string {
  return createHash('sha1').update([token, timestamp, nonce].sort().join('')).digest('hex')
}
