import express, { type NextFunction, type Request, type Response } from 'express'
import { ContractViolation, messageCheck } from '../contracts/contract.js'
import type { InventoryItem, OperatorCommand, ReservationRequest } from '../contracts/platform-api.js'
import { ConstraintViolation } from '../ports/sql-store.js'
import { sameSecret } from '../same-secret.js'
import { listAlerts } from './alerts.js'
import type { BayService } from './bay-service.js'
import { bayHistory } from './history.js'
import { addToInventory, InventoryInvalid } from './inventory.js'
import type { OperatorCommands } from './operator-commands.js'
import type { PlatformConfig, PlatformDeps } from './platform-config.js'
import { asProblem, refuse, statusOf, type Refusal } from './problem.js'
import type { Reservations } from './reservations.js'
import { getSpace, spacesAfter } from './spaces.js'

const checkReservation = messageCheck<ReservationRequest>('platform.openapi', 'ReservationRequest')
const checkServiceOrder = messageCheck<{ readonly inService: boolean }>('platform.openapi', 'ServiceOrder')
const checkInventory = messageCheck<{ readonly bays: InventoryItem[] }>('platform.openapi', 'Inventory')
const checkCommand = messageCheck<OperatorCommand>('platform.openapi', 'OperatorCommand')

/** Largest request body, bytes; a reservation takes about 200. */
const MAX_BODY_BYTES = 16_384

/** A thousand bays of some 300 bytes. */
const MAX_INVENTORY_BYTES = 1_048_576

/** Visible ASCII: what is safe in a header, a log line and a topic's payload. */
const TOKEN = /^[\x21-\x7e]{1,128}$/

/** Thrown inside a route; becomes a Problem. */
class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
  constructor(readonly refusal: Refusal) {
    super(refusal.message)
  }
}

function header(request: Request, name: string): string | undefined {
  const value = request.get(name)
  if (value !== undefined && !TOKEN.test(value)) {
    throw new RequestRefused(refuse('request-invalid', `${name} must be 1 to 128 visible ASCII characters`))
  }
  return value
}

function bearer(...tokens: readonly string[]) {
  return (request: Request, _response: Response, next: NextFunction) => {
    const given = /^Bearer (.+)$/.exec(request.get('Authorization') ?? '')?.[1] ?? ''
    // Every token is compared, so that time does not tell which one was nearly right.
    const known = tokens.filter((token) => sameSecret(given, token)).length > 0
    if (!known) throw new RequestRefused(refuse('unauthorised', 'this needs a valid bearer token'))
    next()
  }
}

function parameter(request: Request, name: string): string {
  const value = request.params[name]
  return typeof value === 'string' ? value : ''
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof RequestRefused) return error.refusal
  if (error instanceof ContractViolation) return refuse('request-invalid', error.violations.join('; '))
  // What body-parser throws: its message may repeat the body, its type does not.
  if (error instanceof Error && 'type' in error && 'expose' in error && error.expose === true) {
    return refuse('request-invalid', `the body cannot be read: ${String(error.type)}`)
  }
  // Such as U+0000, which PostgreSQL's text cannot hold.
  if (error instanceof ConstraintViolation && error.kind === 'value') {
    return refuse('request-invalid', 'a value in the request cannot be stored')
  }
  // A path that is not percent-encoded UTF-8.
  if (error instanceof URIError) return refuse('request-invalid', 'the path cannot be decoded')
  return undefined
}

export interface ApiParts {
  readonly config: Pick<PlatformConfig, 'cloudToken' | 'operatorToken'>
  readonly deps: Pick<PlatformDeps, 'store' | 'log' | 'newId'>
  readonly reservations: Reservations
  readonly operator: OperatorCommands
  readonly service: BayService
}

/** The platform's HTTP interface (platform.openapi.yaml). */
export function createApi({ config, deps, reservations, operator, service }: ApiParts): express.Express {
  const { store, log, newId } = deps
  const cloud = bearer(config.cloudToken)
  const operators = bearer(config.operatorToken)
  const either = bearer(config.cloudToken, config.operatorToken)
  const body = express.json({ limit: MAX_BODY_BYTES, strict: true })
  const inventoryBody = express.json({ limit: MAX_INVENTORY_BYTES, strict: true })
  const addBays = async (bays: readonly InventoryItem[]) => {
    try {
      return await addToInventory(store, bays, newId())
    } catch (error) {
      if (error instanceof InventoryInvalid)
        throw new RequestRefused(refuse('request-invalid', error.message))
      if (!(error instanceof ConstraintViolation && error.kind === 'unique')) throw error
      throw new RequestRefused(
        refuse('lock-assigned', 'one of the locks guards another bay; nothing was added'),
      )
    }
  }
  const answer = <T extends object>(response: Response, result: T | Refusal, status = 200) => {
    if ('refused' in result) throw new RequestRefused(result)
    response.status(status).json(result)
  }

  const app = express()
  app.disable('x-powered-by')

  app.get('/v1/spaces', either, async (request, response) => {
    const { after } = request.query
    response.json(await spacesAfter(store, typeof after === 'string' ? after : undefined))
  })
  app.get('/v1/spaces/:bayId', either, async (request, response) => {
    const id = parameter(request, 'bayId')
    answer(response, (await getSpace(store, id)) ?? refuse('bay-unknown', `there is no bay ${id}`))
  })

  app.post('/v1/reservations', cloud, body, async (request, response) => {
    const idempotencyKey = header(request, 'Idempotency-Key')
    if (idempotencyKey === undefined) {
      throw new RequestRefused(refuse('request-invalid', 'Idempotency-Key is missing'))
    }
    const correlationId = header(request, 'X-Correlation-Id')
    const order = { request: checkReservation(request.body), idempotencyKey, correlationId }
    answer(response, await reservations.reserve(order), 201)
  })
  app.get('/v1/reservations/:reservationId', cloud, async (request, response) => {
    answer(response, await reservations.find(parameter(request, 'reservationId')))
  })
  app.delete('/v1/reservations/:reservationId', cloud, async (request, response) => {
    answer(response, await reservations.cancel(parameter(request, 'reservationId')))
  })

  app.post('/v1/operator/inventory', operators, inventoryBody, async (request, response) => {
    const { bays } = checkInventory(request.body)
    response.json({ changed: await addBays(bays) })
  })
  app.get('/v1/operator/alerts', operators, async (_request, response) => {
    response.json({ alerts: await listAlerts(store) })
  })
  app.delete('/v1/operator/reservations/:reservationId', operators, async (request, response) => {
    answer(response, await reservations.override(parameter(request, 'reservationId')))
  })
  app.put('/v1/operator/bays/:bayId/service', operators, body, async (request, response) => {
    const { inService } = checkServiceOrder(request.body)
    const correlationId = header(request, 'X-Correlation-Id')
    answer(response, await service.set(parameter(request, 'bayId'), inService, correlationId))
  })
  app.get('/v1/operator/bays/:bayId/history', operators, async (request, response) => {
    const { after = '0' } = request.query
    if (typeof after !== 'string' || !/^\d{1,15}$/.test(after)) {
      throw new RequestRefused(refuse('request-invalid', '`after` must be a whole number'))
    }
    const bayId = parameter(request, 'bayId')
    if (!(await getSpace(store, bayId))) {
      throw new RequestRefused(refuse('bay-unknown', `there is no bay ${bayId}`))
    }
    response.json({ transitions: await bayHistory(store, bayId, Number(after)) })
  })
  app.post('/v1/operator/locks/:lockId/commands', operators, body, async (request, response) => {
    const order = checkCommand(request.body)
    const correlationId = header(request, 'X-Correlation-Id')
    answer(response, await operator.send(parameter(request, 'lockId'), order, correlationId))
  })

  app.use(either, (request) => {
    throw new RequestRefused(refuse('not-found', `there is no ${request.method} ${request.path}`))
  })
  // Four parameters are what tells express that this one handles errors.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const refusal = refusalOf(error)
    if (refusal) {
      log.record(
        'request-refused',
        { method: request.method, path: request.path, error: refusal.refused },
        request.get('X-Correlation-Id'),
      )
      response.status(statusOf(refusal)).json(asProblem(refusal))
      return
    }
    const reason = error instanceof Error ? error.message : String(error)
    log.record('request-failed', { method: request.method, path: request.path, reason })
    const fault = refuse(
      'internal-fault',
      'the platform could not carry the request out; it may be tried again',
    )
    response.status(statusOf(fault)).json(asProblem(fault))
  })
  return app
}
