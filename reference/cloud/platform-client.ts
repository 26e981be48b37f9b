import { messageCheck } from '../contracts/contract.js'
import type {
  Problem,
  ProblemCode,
  Reservation,
  ReservationRequest,
  Space,
} from '../contracts/platform-api.js'
import { readLimited } from '../http/read-limited.js'

const checkSpace = messageCheck<Space>('platform.openapi', 'Space')
const checkSpaceList = messageCheck<{ spaces: Space[] }>('platform.openapi', 'SpaceList')
const checkReservation = messageCheck<Reservation>('platform.openapi', 'Reservation')
const checkProblem = messageCheck<Problem>('platform.openapi', 'Problem')

/** 100,000 spaces of some 400 bytes. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

export interface PlatformRefusal {
  readonly refused: ProblemCode
}

/** Thrown when the platform gives no answer that its contract allows; whether the call had its effect is not known. */
export class PlatformUnreachable extends Error {
  override readonly name = 'PlatformUnreachable'
  constructor(call: string, found: string, options?: ErrorOptions) {
    super(`the parking platform gave no good answer to ${call}: ${found}; is platform.url right?`, options)
  }
}

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly correlationId: string
  readonly body?: unknown
  readonly idempotencyKey?: string
}

/** The parking platform's API (platform.openapi.yaml) as the cloud uses it. All methods throw PlatformUnreachable. */
export class PlatformClient {
  constructor(
    private readonly config: {
      readonly url: string
      readonly token: string
      /** Wall time of one call. */
      readonly timeoutMs: number
    },
  ) {}

  async listSpaces(correlationId: string): Promise<readonly Space[]> {
    const answer = await this.#call({ method: 'GET', path: '/v1/spaces', correlationId }, checkSpaceList)
    if ('refused' in answer) throw new PlatformUnreachable('GET /v1/spaces', answer.refused)
    return answer.spaces
  }

  async getSpace(bayId: string, correlationId: string): Promise<Space | PlatformRefusal> {
    const path = `/v1/spaces/${encodeURIComponent(bayId)}`
    return await this.#call({ method: 'GET', path, correlationId }, checkSpace)
  }

  /** Asked again once when the first answer is lost: with the same key the platform makes no second reservation. */
  async reserve(
    request: ReservationRequest,
    idempotencyKey: string,
    correlationId: string,
  ): Promise<Reservation | PlatformRefusal> {
    const call: Call = {
      method: 'POST',
      path: '/v1/reservations',
      correlationId,
      body: request,
      idempotencyKey,
    }
    try {
      return await this.#call(call, checkReservation)
    } catch (error) {
      if (!(error instanceof PlatformUnreachable)) throw error
      return await this.#call(call, checkReservation)
    }
  }

  async cancel(reservationId: string, correlationId: string): Promise<Reservation | PlatformRefusal> {
    const path = `/v1/reservations/${encodeURIComponent(reservationId)}`
    return await this.#call({ method: 'DELETE', path, correlationId }, checkReservation)
  }

  async #call<T>(call: Call, check: (answer: unknown) => T): Promise<T | PlatformRefusal> {
    const name = `${call.method} ${call.path}`
    let status: number
    let answer: unknown
    try {
      const response = await fetch(new URL(call.path, this.config.url), {
        method: call.method,
        headers: {
          authorization: `Bearer ${this.config.token}`,
          'x-correlation-id': call.correlationId,
          ...(call.body !== undefined && { 'content-type': 'application/json' }),
          ...(call.idempotencyKey !== undefined && { 'idempotency-key': call.idempotencyKey }),
        },
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
        signal: AbortSignal.timeout(this.config.timeoutMs),
        redirect: 'error',
      })
      status = response.status
      answer = JSON.parse(await readLimited(response, MAX_ANSWER_BYTES))
      if (status < 300) return check(answer)
      if (status < 500) return { refused: checkProblem(answer).error }
    } catch (cause) {
      throw new PlatformUnreachable(name, cause instanceof Error ? cause.message : String(cause), { cause })
    }
    throw new PlatformUnreachable(name, `HTTP ${status}`)
  }
}
