import { createHmac } from 'node:crypto'
import type { Clock } from '../ports/clock.js'
import type { WebhookTarget } from './platform-config.js'

/** Thrown when the cloud did not take a webhook; it is sent again. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused'
  constructor(
    message: string,
    /** None without an answer. */
    readonly status: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Whether a webhook failed for the cloud's sake, and not for its own: one that the cloud refuses has been looked at. */
export function isCloudDown(error: unknown): boolean {
  const status = error instanceof WebhookRefused ? error.status : undefined
  return status === undefined || status >= 500 || status === 429 || status === 408
}

const DEFAULT_TIMEOUT_MS = 5_000

/** `X-Lockstep-Signature` of a webhook: over the timestamp (epoch seconds), a full stop and the raw body. */
export function webhookSignature(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

/** Sends webhooks to the cloud. */
export class WebhookSender {
  readonly #closing = new AbortController()

  constructor(
    private readonly target: WebhookTarget,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the cloud has answered 2xx. @throws WebhookRefused */
  async send(body: string): Promise<void> {
    const timestamp = String(Math.floor(this.clock.now() / 1000))
    const timeout = AbortSignal.timeout(this.target.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    let status: number
    try {
      const response = await fetch(this.target.url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'X-Lockstep-Timestamp': timestamp,
          'X-Lockstep-Signature': webhookSignature(this.target.secret, timestamp, body),
        },
        body,
        // A redirect would carry a code to a place that nobody configured.
        redirect: 'manual',
        signal: AbortSignal.any([timeout, this.#closing.signal]),
      })
      status = response.status
      await response.body?.cancel()
    } catch (cause) {
      throw new WebhookRefused(`the cloud at ${this.target.url} did not answer`, undefined, { cause })
    }
    if (status < 200 || status > 299) {
      throw new WebhookRefused(`the cloud at ${this.target.url} answered ${status}`, status)
    }
  }

  /** Gives up what is under way. */
  close(): void {
    this.#closing.abort()
  }
}
