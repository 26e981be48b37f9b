import { timingSafeEqual, createHash } from 'node:crypto'
import express, { type Request, type Response, type Router } from 'express'
import { ContractViolation, messageCheck } from '../contracts/contract.js'
import type * as api from '../contracts/phone-api.js'
import type { Follower } from './followers.js'
import type { WeChatPlatformConfig, WeChatPlatformDeps } from './wechat-config.js'
import type { WeChatState } from './wechat-state.js'

const MAX_WAIT_MS = 60_000

const checkUser = messageCheck<api.UserRequest>('phone.openapi', 'UserRequest')
const checkSubscribe = messageCheck<api.SubscribeRequest>('phone.openapi', 'SubscribeRequest')
const checkUnsubscribe = messageCheck<api.UnsubscribeRequest>('phone.openapi', 'UnsubscribeRequest')
const checkText = messageCheck<api.TextRequest>('phone.openapi', 'TextRequest')
const checkLocation = messageCheck<api.LocationRequest>('phone.openapi', 'LocationRequest')
const checkFaults = messageCheck<api.PhoneFaults>('phone.openapi', 'Faults')

class PhoneRefusal extends Error {
  constructor(
    readonly status: number,
    readonly error: api.PhoneProblem,
    message: string,
  ) {
    super(message)
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest()

function wholeNumber(value: unknown, highest: number): number {
  if (value === undefined) return 0
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : NaN
  if (!(number <= highest)) {
    throw new PhoneRefusal(
      400,
      'request-invalid',
      `after and waitMs are whole numbers, waitMs ≤ ${MAX_WAIT_MS}`,
    )
  }
  return number
}

/** The users' side, under `/phone` (phone.openapi.yaml). */
export function phoneRoutes(
  config: WeChatPlatformConfig,
  { clock, log }: WeChatPlatformDeps,
  state: WeChatState,
): Router {
  const router = express.Router()
  router.use(express.json({ limit: '64kb' }))

  function accountOf(appId: unknown) {
    const channel = typeof appId === 'string' ? state.channels.get(appId) : undefined
    if (!channel) throw new PhoneRefusal(404, 'account-unknown', 'there is no account with this appId')
    return channel
  }

  function followerOf(request: Request, appId: unknown): Follower {
    const { account } = accountOf(appId)
    const follower = state.followers.of(String(request.params['openid']), account.appId)
    if (!follower) throw new PhoneRefusal(404, 'user-unknown', 'there is no user with this openid')
    return follower
  }

  function subscriber(request: Request, appId: string): Follower {
    const follower = followerOf(request, appId)
    if (follower.subscribed) return follower
    throw new PhoneRefusal(409, 'not-subscribed', 'the user does not follow this account; subscribe first')
  }

  router.post('/users', (request, response) => {
    response.status(201).json({ openid: state.followers.addUser(checkUser(request.body).device) })
  })

  router.post('/users/:openid/subscribe', (request, response) => {
    const { appId, scene } = checkSubscribe(request.body)
    const follower = followerOf(request, appId)
    const scan =
      scene === undefined ? undefined : { scene, ticket: state.tickets.scanned(appId, scene).ticket }
    if (!follower.subscribed) {
      follower.subscribed = true
      follower.window.renew('subscribe', clock.now())
      accountOf(appId).send(follower, { kind: 'subscribe', ...(scan && { scan }) }, false)
    } else if (scan) {
      follower.window.renew('scan', clock.now())
      accountOf(appId).send(follower, { kind: 'scan', ...scan }, false)
    }
    response.status(202).end()
  })

  router.post('/users/:openid/unsubscribe', (request, response) => {
    const { appId } = checkUnsubscribe(request.body)
    const follower = subscriber(request, appId)
    follower.subscribed = false
    follower.window.shut()
    accountOf(appId).send(follower, { kind: 'unsubscribe' }, false)
    response.status(202).end()
  })

  router.post('/users/:openid/text', (request, response) => {
    const { appId, content } = checkText(request.body)
    const follower = subscriber(request, appId)
    follower.window.renew('message', clock.now())
    follower.conversation.add({ from: 'user', kind: 'text', text: content }, clock.now())
    accountOf(appId).send(follower, { kind: 'text', content }, true)
    response.status(202).end()
  })

  router.post('/users/:openid/location', (request, response) => {
    const { appId, latitude, longitude, label } = checkLocation(request.body)
    const follower = subscriber(request, appId)
    follower.window.renew('message', clock.now())
    follower.conversation.add({ from: 'user', kind: 'location', text: label }, clock.now())
    accountOf(appId).send(follower, { kind: 'location', latitude, longitude, scale: 16, label }, true)
    response.status(202).end()
  })

  router.get('/users/:openid/conversation', async (request, response) => {
    const follower = followerOf(request, request.query['appId'])
    const after = wholeNumber(request.query['after'], Number.MAX_SAFE_INTEGER)
    const waitMs = wholeNumber(request.query['waitMs'], MAX_WAIT_MS)
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const messages = await follower.conversation.next(after, waitMs, gone.signal)
    response.json({ device: state.followers.deviceOf(follower.openid), messages })
  })

  router.get('/media/:mediaId', (request, response) => {
    const media = state.media.get(request.params['mediaId'])
    if (!media)
      throw new PhoneRefusal(404, 'media-unknown', 'there is no such picture, or it is over three days old')
    response.type(media.contentType).send(Buffer.from(media.bytes))
  })

  router.get('/settled', async (_request, response) => {
    await Promise.all([...state.channels.values()].map((channel) => channel.settled()))
    response.status(204).end()
  })

  router.post('/faults', (request, response) => {
    if (!config.controlToken) {
      throw new PhoneRefusal(403, 'control-off', 'start the platform with a controlToken to switch faults')
    }
    const given = digest(request.get('authorization') ?? '')
    if (!timingSafeEqual(given, digest(`Bearer ${config.controlToken}`))) {
      throw new PhoneRefusal(401, 'unauthorised', 'this needs the control token as a bearer token')
    }
    const { repeatDeliveries } = checkFaults(request.body)
    for (const channel of state.channels.values()) channel.repeatDeliveries = repeatDeliveries
    log.record('faults-set', { repeatDeliveries })
    response.status(204).end()
  })

  router.use((error: unknown, _request: Request, response: Response, next: (error: unknown) => void) => {
    if (response.headersSent) return next(error)
    if (error instanceof PhoneRefusal) {
      response.status(error.status).json({ error: error.error, message: error.message })
    } else if (error instanceof ContractViolation) {
      response.status(400).json({ error: 'request-invalid', message: error.message })
    } else next(error)
  })
  return router
}
