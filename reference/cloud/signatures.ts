import { createHmac } from 'node:crypto'
import { firstSecret, sameSecret, type RotatingSecret } from '../same-secret.js'
import { signPush } from '../wechat-wire/push-signature.js'

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
  token: RotatingSecret,
  nowMs: number,
  windowSeconds: number,
): 'good' | SignatureRefusal {
  const good = firstSecret(token, (one) => sameSecret(signature, signPush(one, timestamp, nonce)))
  if (good === undefined) return 'signature-wrong'
  return isRecent(timestamp, nowMs, windowSeconds) ? 'good' : 'timestamp-outside-window'
}

/** Judges a platform webhook: `sha256=` and the hex HMAC-SHA-256 of timestamp, full stop and raw body. */
export function judgeWebhookSignature(
  given: { readonly signature: string; readonly timestamp: string; readonly body: Uint8Array },
  secret: RotatingSecret,
  nowMs: number,
  windowSeconds: number,
): 'good' | SignatureRefusal {
  const good = firstSecret(secret, (one) => {
    const mac = createHmac('sha256', one).update(`${given.timestamp}.`).update(given.body).digest('hex')
    return sameSecret(given.signature, `sha256=${mac}`)
  })
  if (good === undefined) return 'signature-wrong'
  return isRecent(given.timestamp, nowMs, windowSeconds) ? 'good' : 'timestamp-outside-window'
}
