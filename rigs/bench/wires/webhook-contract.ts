import { createHmac } from 'node:crypto'
import { sameSecret } from '../../../reference/same-secret.js'
import type { HttpContract } from './http-wire.js'
import { openApiCheck } from './openapi-check.js'
import type { TappedRequest } from './tapped-http.js'

/** How far a webhook's timestamp may be from the receiver's time, seconds (platform.openapi.yaml, webhooks). */
const WINDOW_SECONDS = 900

/** What the tap has to know to judge a webhook as its receiver would. */
export interface WebhookProtection {
  readonly secret: string
  /** Business times that a message which arrives now may have been written at, milliseconds since the Unix epoch. */
  readonly times: () => { readonly fromMs: number; readonly toMs: number }
}

/** Why a webhook has to be refused, and how the contract says that its receiver does it. */
interface Refusal {
  readonly what: string
  readonly status: 401 | 400
}

/**
 * The platform's news to a cloud, judged on the wire by a computation of its own: signature and age as the contract has
 * them, then the body. Who sends an invalid one is at fault; who refuses it as the contract says has done right.
 */
export function webhookContract({ secret, times }: WebhookProtection): HttpContract {
  const check = openApiCheck('platform.openapi')

  const refusalOf = (request: TappedRequest, body: unknown): Refusal | undefined => {
    const name = `${request.method} ${request.path}`
    const unauthorised = whyUnauthorised(request, secret, times())
    if (unauthorised) return { status: 401, what: `${name}: ${unauthorised}` }
    const invalid = check.message('PlatformEvent', body)
    return invalid === undefined ? undefined : { status: 400, what: `${name}: ${invalid}` }
  }

  return {
    request: (request, body) => refusalOf(request, body)?.what,
    response: ({ request, status }) => {
      const refusal = refusalOf(request, parsed(request.body))
      // Too many refusals: the contract has that too, whatever came.
      if (status === (refusal?.status ?? 204) || (refusal && status === 429)) return undefined
      return refusal
        ? `answers an invalid ${request.method} ${request.path} with ${status}, not ${refusal.status}`
        : `answers ${request.method} ${request.path} with ${status}, not 204`
    },
  }
}

function whyUnauthorised(
  { headers, body }: TappedRequest,
  secret: string,
  { fromMs, toMs }: ReturnType<WebhookProtection['times']>,
): string | undefined {
  const timestamp = headers['x-lockstep-timestamp']
  const signature = headers['x-lockstep-signature']
  if (signature === undefined) return 'has no X-Lockstep-Signature'
  if (timestamp === undefined) return 'has no X-Lockstep-Timestamp'
  if (!/^[1-9]\d{0,11}$/.test(timestamp)) return 'its X-Lockstep-Timestamp is not epoch seconds'
  const mac = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')
  if (!sameSecret(signature, `sha256=${mac}`)) {
    return 'its X-Lockstep-Signature is not the HMAC-SHA-256 of timestamp, full stop and raw body'
  }
  const seconds = Number(timestamp)
  const [oldest, newest] = [fromMs / 1_000 - WINDOW_SECONDS, toMs / 1_000 + WINDOW_SECONDS]
  if (seconds >= oldest && seconds <= newest) return undefined
  const off = Math.round(seconds < oldest ? oldest - seconds : seconds - newest) + WINDOW_SECONDS
  return `its X-Lockstep-Timestamp is ${off} s from the rig's business time; ${WINDOW_SECONDS} s are allowed`
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return body.toString('utf8')
  }
}
