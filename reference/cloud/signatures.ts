import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** Compares without telling by its time where two texts differ. */
function same(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

export type SignatureRefusal = 'signature-wrong' | 'timestamp-outside-window'

function isRecent(timestamp: string, nowMs: number, windowSeconds: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(nowMs / 1000 - Number(timestamp)) <= windowSeconds
}

export interface SignedPush {
  readonly signature: string
  readonly timestamp: string
  readonly nonce: string
}

/** Judges the query of a WeChat push: SHA-1 over token, timestamp and nonce, sorted and joined. */
export function judgePushSignature(
  { signature, timestamp, nonce }: SignedPush,
  token: string,
  nowMs: number,
  windowSeconds: number,
): 'good' | SignatureRefusal {
  const expected = createHash('sha1').update([token, timestamp, nonce].sort().join('')).digest('hex')
  if (!same(signature, expected)) return 'signature-wrong'
  return isRecent(timestamp, nowMs, windowSeconds) ? 'good' : 'timestamp-outside-window'
}

/** Judges a platform webhook: `sha256=` and the hex HMAC-SHA-256 of timestamp, full stop and raw body. */
export function judgeWebhookSignature(
  given: { readonly signature: string; readonly timestamp: string; readonly body: Uint8Array },
  secret: string,
  nowMs: number,
  windowSeconds: number,
): 'good' | SignatureRefusal {
  const mac = createHmac('sha256', secret).update(`${given.timestamp}.`).update(given.body).digest('hex')
  if (!same(given.signature, `sha256=${mac}`)) return 'signature-wrong'
  return isRecent(given.timestamp, nowMs, windowSeconds) ? 'good' : 'timestamp-outside-window'
}
