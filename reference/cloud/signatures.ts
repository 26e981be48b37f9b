import { createHmac } from 'node:crypto'
import { firstSecret, sameSecret, type RotatingSecret } from '../same-secret.js'
import { signPush } from '../wechat-wire/push-signature.js'

export type SignatureRefusal = 'signature-wrong' | 'timestamp-outside-window'

function isRecent(timestamp: string, nowMs: number, windowSeconds: number): boolean {
  return /^[1-9]\d{0,11}$/.test(timestamp) && Math.abs(nowMs / 1000 - Number(timestamp)) <= windowSeconds
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

/** A time as `isRecent` takes one, at the begin or the end of a text. */
const TIMES = [/^[1-9]\d{8,11}/, /[1-9]\d{8,11}$/]

/**
 * The last time at which a push's signature could be good once more. SHA-1 is over sorted and joined parts, so that it
 * also fits timestamp and nonce swapped, or their characters parted elsewhere: each time that stands at an end counts.
 * @returns milliseconds since the Unix epoch, `nowMs` at least; to which the window is yet to be added
 */
export function lastUseMs({ timestamp, nonce }: Omit<SignedPush, 'signature'>, nowMs: number): number {
  const joined = [timestamp, nonce, timestamp + nonce, nonce + timestamp]
  const digits = joined.flatMap((text) => TIMES.map((time) => time.exec(text)?.[0] ?? ''))
  // Shorter times within a longer number: seconds of this era have ten digits.
  const times = digits.flatMap((run) => [run, run.slice(0, 10), run.slice(-10)]).map(Number)
  return Math.max(nowMs, ...times.map((seconds) => seconds * 1_000))
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
