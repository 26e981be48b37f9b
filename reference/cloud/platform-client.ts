import { messageCheck } from '../contracts/contract.js'
import type {
  Problem,
  ProblemCode,
  Reservation,
  ReservationRequest,
  Space,
  SpaceList,
} from '../contracts/platform-api.js'
import { ask } from '../http/ask.js'
import { readLimited } from '../http/read-limited.js'

const checkSpace = messageCheck<Space>('platform.openapi', 'Space')
const checkSpaceList = messageCheck<SpaceList>('platform.openapi', 'SpaceList')
const checkReservation = messageCheck<Reservation>('platform.openapi', 'Reservation')
const checkProblem = messageCheck<Problem>('platform.openapi', 'Problem')

/** 100,000 spaces of some 400 bytes: of a platform that does not tell them by the page. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

export interface PlatformRefusal<Code extends ProblemCode> {
  readonly refused: Code
}

/** Refusals that belong to the game; any other means that the cloud or the platform is at fault. */
const NO_BAY = ['bay-unknown', 'not-found'] as const
const NOT_RESERVED = ['bay-taken', 'bay-out-of-service', 'bay-unknown'] as const
const NOT_CANCELLED = ['reservation-not-cancellable', 'reservation-unknown'] as const

/** Thrown when the platform gives no answer that the call allows; whether it had its effect is not known. */
export class PlatformFailed extends Error {
  override readonly name = 'PlatformFailed'
  constructor(call: string, found: string, options?: ErrorOptions) {
    super(
      `the parking platform failed ${call}: ${found}; are platform.url and platform.token right?`,
      options,
    )
  }
}

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly correlationId: string
  readonly body?: unknown
  readonly idempotencyKey?: string
  /** How many times as long as any other call it may take. */
  readonly patience?: number
}

/** A platform that tells everything at once has 40 MB to tell of a city. */
const LIST_PATIENCE = 10
/** Few enough that neither side is held up by them for more than some 20 ms. */
const SPACES_A_PAGE = 500

/** The parking platform's API (platform.openapi.yaml) as the cloud uses it. All methods throw PlatformFailed. */
export class PlatformClient {
  constructor(
    private readonly config: {
      readonly url: string
      readonly token: string
      /** Wall time of one call. */
      readonly timeoutMs: number
    },
  ) {}

  /**
   * A page of the spaces, or all of them from a platform that knows no pages.
   * @param after the cursor of an earlier answer: the platform goes on there, or may tell only what changed since
   */
  async listSpaces(correlationId: string, after?: string): Promise<SpaceList> {
    const from = after === undefined ? '' : `&after=${encodeURIComponent(after)}`
    const path = `/v1/spaces?limit=${SPACES_A_PAGE}${from}`
    const call: Call = { method: 'GET', path, correlationId, patience: LIST_PATIENCE }
    const answer = await this.#call(call, checkSpaceList, [])
    // with no refusal expected, none is returned
    return 'spaces' in answer ? answer : { spaces: [] }
  }

  async getSpace(
    bayId: string,
    correlationId: string,
  ): Promise<Space | PlatformRefusal<(typeof NO_BAY)[number]>> {
    const path = `/v1/spaces/${encodeURIComponent(bayId)}`
    return await this.#call({ method: 'GET', path, correlationId }, checkSpace, NO_BAY)
  }

  /** Asked again once when the first answer is lost: with the same key the platform makes no second reservation. */
  async reserve(
    request: ReservationRequest,
    idempotencyKey: string,
    correlationId: string,
  ): Promise<Reservation | PlatformRefusal<(typeof NOT_RESERVED)[number]>> {
    const call: Call = {
      method: 'POST',
      path: '/v1/reservations',
      correlationId,
      body: request,
      idempotencyKey,
    }
    try {
      return await this.#call(call, checkReservation, NOT_RESERVED)
    } catch (error) {
      if (!(error instanceof PlatformFailed)) throw error
      return await this.#call(call, checkReservation, NOT_RESERVED)
    }
  }

  async cancel(
    reservationId: string,
    correlationId: string,
  ): Promise<Reservation | PlatformRefusal<(typeof NOT_CANCELLED)[number]>> {
    const path = `/v1/reservations/${encodeURIComponent(reservationId)}`
    return await this.#call({ method: 'DELETE', path, correlationId }, checkReservation, NOT_CANCELLED)
  }

  async #call<T, Code extends ProblemCode>(
    call: Call,
    check: (answer: unknown) => T,
    expected: readonly Code[],
  ): Promise<T | PlatformRefusal<Code>> {
    const name = `${call.method} ${call.path}`
    try {
      const response = await ask(new URL(call.path, this.config.url), {
        method: call.method,
        headers: {
          authorization: `Bearer ${this.config.token}`,
          'x-correlation-id': call.correlationId,
          ...(call.body !== undefined && { 'content-type': 'application/json' }),
          ...(call.idempotencyKey !== undefined && { 'idempotency-key': call.idempotencyKey }),
        },
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
        timeoutMs: this.config.timeoutMs * (call.patience ?? 1),
      })
      const answer: unknown = JSON.parse(await readLimited(response, MAX_ANSWER_BYTES))
      const status = response.statusCode ?? 0
      if (status >= 200 && status < 300) return check(answer)
      const { error } = checkProblem(answer)
      const refused = expected.find((code) => code === error)
      if (refused !== undefined) return { refused }
      throw new PlatformFailed(name, `HTTP ${status} ${error}`)
    } catch (cause) {
      if (cause instanceof PlatformFailed) throw cause
      throw new PlatformFailed(name, cause instanceof Error ? cause.message : String(cause), { cause })
    }
  }
}
