import express, { type Router } from 'express'
import { ContractViolation, messageCheck } from '../contracts/contract.js'
import type { PlatformEvent } from '../contracts/platform-api.js'
import type { Clock } from '../ports/clock.js'
import { sourceOf } from '../http/request-source.js'
import type { EventLog } from '../ports/event-log.js'
import type { FailureLimit } from '../failure-limit.js'
import type { RotatingSecret } from '../same-secret.js'
import type { ReservationProgress } from './reservation-progress.js'
import { judgeWebhookSignature } from './signatures.js'

const checkEvent = messageCheck<PlatformEvent>('platform.openapi', 'PlatformEvent')

/** Where the parking platform tells its news (platform.openapi.yaml, webhooks). */
export function platformWebhook(
  config: { readonly secret: RotatingSecret; readonly replayWindowSeconds: number },
  deps: {
    readonly clock: Clock
    readonly log: EventLog
    readonly progress: ReservationProgress
    readonly failures: FailureLimit
  },
): Router {
  const { clock, log, progress, failures } = deps
  const router = express.Router()
  router.post('/', express.raw({ type: () => true, limit: '64kb' }), async (request, response) => {
    const raw: unknown = request.body
    const body = Buffer.isBuffer(raw) ? raw : Buffer.alloc(0)
    const given = {
      signature: request.get('x-lockstep-signature') ?? '',
      timestamp: request.get('x-lockstep-timestamp') ?? '',
      body,
    }
    const verdict = judgeWebhookSignature(given, config.secret, clock.now(), config.replayWindowSeconds)
    if (verdict !== 'good') {
      if (!(await failures.lets(request))) {
        response.status(429).end()
        return
      }
      log.record('webhook-refused', { source: sourceOf(request), reason: verdict })
      response.status(401).json({ error: 'unauthorised', message: verdict })
      return
    }
    let event: PlatformEvent
    try {
      event = checkEvent(JSON.parse(body.toString('utf8')))
    } catch (error) {
      const reason = error instanceof ContractViolation ? error.message : 'it is not JSON'
      log.record('webhook-refused', { source: sourceOf(request), reason })
      response.status(400).json({ error: 'request-invalid', message: reason })
      return
    }
    await progress.take(event)
    response.status(204).end()
  })
  return router
}
