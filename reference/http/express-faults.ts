import type { ErrorRequestHandler, Response } from 'express'
import type { EventLog } from '../ports/event-log.js'
import { sourceOf } from './request-source.js'

/**
 * What every party does with a request that ends in an error: it is logged without its body, and answered unless the
 * answer has begun.
 * @param answer gets the status that the error carries, 500 if none
 */
export function expressFaults(
  log: EventLog,
  answer: (response: Response, status: number, path: string) => void = (response, status) =>
    void response.status(status).end(),
): ErrorRequestHandler {
  return (error: Error & { status?: number }, request, response, next) => {
    const status = error.status ?? 500
    const source = sourceOf(request)
    log.record('request-failed', { source, path: request.path, status, reason: error.message })
    if (response.headersSent) next(error)
    else answer(response, status, request.path)
  }
}
