import { createHmac } from 'node:crypto'
import { sameSecret } from '../same-secret.js'
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
  token: string,
  nowMs: number,
  windowSeconds: number,
): 'good' | SignatureRefusal {
  if (!sameSecret(signature, signPush(token, timestamp, nonce))) return 'signature-wrong'
  return isRecent(timestamp, nowMs, windowSeconds) ? 'good' : 'timestamp-outside-window'
}

/** Judges a platform webhook: `sha256=` and the hex HMAC-SHA-256 of timestamp, full stop and raw body. */
export function judgeWebhookSignature(
  given: { readonly signature: string; readonly timestamp: string; readonly body: Uint8Array },
  secret: string | readonly string[],
  nowMs: number,
  windowSeconds: number,
): 'good' | SignatureRefusal {
  const secrets = typeof secret === 'string' ? [secret] : secret
  const good = secrets.filter((one) => {
    const mac = createHmac('sha256', one).update(`${given.timestamp}.`).update(given.body).digest('hex')
    return sameSecret(given.signature, `sha256=${mac}`)
  })
  if (good.length === 0) return 'signature-wrong'
  return isRecent(given.timestamp, nowMs, windowSeconds) ? 'good' : 'timestamp-outside-window'
}
