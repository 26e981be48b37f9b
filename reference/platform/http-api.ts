import express, { type NextFunction, type Request, type Response } from 'express'
import { ContractViolation, messageCheck } from '../contracts/contract.js'
import type {
  InventoryItem,
  OperatorCommand,
  Reservation,
  ReservationRequest,
} from '../contracts/platform-api.js'
import { sourceOf } from '../http/request-source.js'
import { ConstraintViolation } from '../ports/sql-store.js'
import { partyOf, type Access } from './access.js'
import { alertsAfter } from './alerts.js'
import { auditAfter } from './audit.js'
import type { BayService } from './bay-service.js'
import { bayHistory } from './history.js'
import { addToInventory, InventoryInvalid } from './inventory.js'
import type { OperatorCommands } from './operator-commands.js'
import type { PlatformDeps } from './platform-config.js'
import { asProblem, refuse, statusOf, type Refusal } from './problem.js'
import { RequestRefused } from './request-refused.js'
import type { Reservations } from './reservations.js'
import { sendSpaces } from './send-spaces.js'
import { spacesAfter } from './space-list.js'
import { getSpace } from './spaces.js'

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

function header(request: Request, name: string): string | undefined {
  const value = request.get(name)
  if (value !== undefined && !TOKEN.test(value)) {
    throw new RequestRefused(refuse('request-invalid', `${name} must be 1 to 128 visible ASCII characters`))
  }
  return value
}

/** @throws RequestRefused */
function afterOf(request: Request): number {
  const { after = '0' } = request.query
  if (typeof after !== 'string' || !/^\d{1,15}$/.test(after)) {
    throw new RequestRefused(refuse('request-invalid', '`after` must be a whole number'))
  }
  return Number(after)
}

/** @throws RequestRefused */
function limitOf(request: Request): number | undefined {
  const { limit } = request.query
  if (limit === undefined) return undefined
  if (typeof limit !== 'string' || !/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > 1_000) {
    throw new RequestRefused(refuse('request-invalid', '`limit` must be a whole number from 1 to 1000'))
  }
  return Number(limit)
}

function parameter(request: Request, name: string): string {
  const value = request.params[name]
  return typeof value === 'string' ? value : ''
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof RequestRefused) return error.refusal
  if (error instanceof ContractViolation) return refuse('request-invalid', error.violations.join('; '))
  // What body-parser throws: its message may repeat the body, its type does not. A broken compression has none.
  if (error instanceof Error && 'expose' in error && error.expose === true) {
    const type = 'type' in error ? String(error.type) : 'encoding.broken'
    return refuse('request-invalid', `the body cannot be read: ${type}`)
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
  readonly access: Access
  readonly deps: Pick<PlatformDeps, 'store' | 'log' | 'newId'>
  readonly reservations: Reservations
  readonly operator: OperatorCommands
  readonly service: BayService
}

/** The platform's HTTP interface (platform.openapi.yaml). */
export function createApi({ access, deps, reservations, operator, service }: ApiParts): express.Express {
  const { store, log, newId } = deps
  const cloud = access.allow('reservations')
  const operators = access.allow('operator')
  const either = access.allow('spaces', 'operator')
  const party = (response: Response) => partyOf(response).name
  /** What an operator has done is kept before they are told. */
  const acted = async <T extends object>(
    request: Request,
    response: Response,
    target: string,
    result: T | Refusal,
  ) => {
    await access.keep(party(response), request, target, 'refused' in result ? result.refused : 'done')
    answer(response, result)
  }
  /** Nobody learns whether somebody else's reservation exists; that it was asked for is kept. */
  const own = async (request: Request, response: Response, result: Reservation | Refusal) => {
    if ('refused' in result && result.refused === 'reservation-unknown') {
      const id = parameter(request, 'reservationId')
      await access.keepRefusal(party(response), request, id, result.refused)
    }
    answer(response, result)
  }
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
    const limit = limitOf(request)
    await sendSpaces(response, await spacesAfter(store, typeof after === 'string' ? after : undefined, limit))
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
    const reservation = checkReservation(request.body)
    const order = { request: reservation, idempotencyKey, correlationId, party: party(response) }
    answer(response, await reservations.reserve(order), 201)
  })
  app.get('/v1/reservations/:reservationId', cloud, async (request, response) => {
    await own(
      request,
      response,
      await reservations.find(parameter(request, 'reservationId'), party(response)),
    )
  })
  app.delete('/v1/reservations/:reservationId', cloud, async (request, response) => {
    await own(
      request,
      response,
      await reservations.cancel(parameter(request, 'reservationId'), party(response)),
    )
  })

  app.post('/v1/operator/inventory', operators, inventoryBody, async (request, response) => {
    const { bays } = checkInventory(request.body)
    await acted(request, response, `${bays.length} bays`, { changed: await addBays(bays) })
  })
  app.get('/v1/operator/audit', operators, async (request, response) => {
    response.json({ entries: await auditAfter(store, afterOf(request)) })
  })
  app.get('/v1/operator/alerts', operators, async (request, response) => {
    response.json({ alerts: await alertsAfter(store, afterOf(request)) })
  })
  app.delete('/v1/operator/reservations/:reservationId', operators, async (request, response) => {
    const id = parameter(request, 'reservationId')
    await acted(request, response, id, await reservations.override(id))
  })
  app.put('/v1/operator/bays/:bayId/service', operators, body, async (request, response) => {
    const { inService } = checkServiceOrder(request.body)
    const correlationId = header(request, 'X-Correlation-Id')
    const bayId = parameter(request, 'bayId')
    await acted(request, response, bayId, await service.set(bayId, inService, correlationId))
  })
  app.get('/v1/operator/bays/:bayId/history', operators, async (request, response) => {
    const after = afterOf(request)
    const bayId = parameter(request, 'bayId')
    if (!(await getSpace(store, bayId))) {
      throw new RequestRefused(refuse('bay-unknown', `there is no bay ${bayId}`))
    }
    response.json({ transitions: await bayHistory(store, bayId, after) })
  })
  app.post('/v1/operator/locks/:lockId/commands', operators, body, async (request, response) => {
    const order = checkCommand(request.body)
    const correlationId = header(request, 'X-Correlation-Id')
    const lockId = parameter(request, 'lockId')
    await acted(request, response, lockId, await operator.send(lockId, order, correlationId))
  })

  app.use(either, (request) => {
    throw new RequestRefused(refuse('not-found', `there is no ${request.method} ${request.path}`))
  })
  // Four parameters are what tells express that this one handles errors.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const refusal = refusalOf(error)
    const asked = { source: sourceOf(request), method: request.method, path: request.path }
    if (refusal) {
      log.record('request-refused', { ...asked, error: refusal.refused }, request.get('X-Correlation-Id'))
      response.status(statusOf(refusal)).json(asProblem(refusal))
      return
    }
    const reason = error instanceof Error ? error.message : String(error)
    log.record('request-failed', { ...asked, reason })
    const fault = refuse(
      'internal-fault',
      'the platform could not carry the request out; it may be tried again',
    )
    response.status(statusOf(fault)).json(asProblem(fault))
  })
  return app
}
