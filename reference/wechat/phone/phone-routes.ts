import express, { type Request, type Response, type Router } from 'express'
import { ContractViolation, messageCheck } from '../../contracts/contract.js'
import type * as api from '../../contracts/phone-api.js'
import type { Follower } from '../state/followers.js'
import type { WeChatState } from '../state/wechat-state.js'
import type { WeChatPlatformConfig, WeChatPlatformDeps } from '../wechat-config.js'
import { tapMenu } from './menu-tap.js'
import { authoriseAt } from './page-authorisation.js'
import { arrive, checkSubscribe, PHONE_ACTIONS, type PhoneAction, type PhoneTurn } from './phone-actions.js'
import { phonePage } from './phone-page.js'
import { PhoneRefusal } from './phone-refusal.js'

const MAX_WAIT_MS = 60_000
/** A picture of 10 MB, in base64. */
const MAX_BODY = '14mb'

const ACTIONS: ReadonlyMap<string, PhoneAction> = new Map(Object.entries({ ...PHONE_ACTIONS, menu: tapMenu }))

const checkUser = messageCheck<api.UserRequest>('phone.openapi', 'UserRequest')
const checkScan = messageCheck<api.ScanRequest>('phone.openapi', 'ScanRequest')
const checkAuthorise = messageCheck<api.AuthoriseRequest>('phone.openapi', 'AuthoriseRequest')
const checkPage = messageCheck<api.PageSignature>('phone.openapi', 'PageSignature')

function wholeNumber(value: unknown, highest: number): number {
  if (value === undefined) return 0
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : NaN
  if (number <= highest) return number
  const message = `after and waitMs are whole numbers, waitMs ≤ ${MAX_WAIT_MS}`
  throw new PhoneRefusal(400, 'request-invalid', message)
}

const appIdIn = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'appId' in body ? body.appId : undefined

/** The users' side, under `/phone` (phone.openapi.yaml). */
export function phoneRoutes(
  { accounts }: WeChatPlatformConfig,
  { clock }: WeChatPlatformDeps,
  state: WeChatState,
): Router {
  const router = express.Router()
  router.use(express.json({ limit: MAX_BODY }))

  function accountOf(appId: unknown) {
    const account = accounts.find((one) => one.appId === appId)
    if (!account) throw new PhoneRefusal(404, 'account-unknown', 'there is no account with this appId')
    return account
  }

  function followerOf(request: Request, appId: unknown): Follower {
    const account = accountOf(appId)
    const follower = state.followers.of(String(request.params['openid']), account.appId)
    if (!follower) throw new PhoneRefusal(404, 'user-unknown', 'there is no user with this openid')
    return follower
  }

  function turnOf(request: Request, appId: unknown): PhoneTurn {
    return {
      account: accountOf(appId),
      follower: followerOf(request, appId),
      state,
      nowMs: clock.now(),
      baseUrl: `${request.protocol}://${request.get('host') ?? 'localhost'}`,
    }
  }

  async function carryOut(action: PhoneAction, turn: PhoneTurn, body: unknown, response: Response) {
    const shown = await action(turn, body)
    await state.committed()
    if (shown) response.json(shown)
    else response.status(202).end()
  }

  router.get('/accounts', (_request, response) => {
    response.json({ accounts: accounts.map(({ appId, originalId }) => ({ appId, originalId })) })
  })

  router.post('/users', async (request, response) => {
    const openid = state.followers.addUser(checkUser(request.body).device)
    await state.committed()
    response.status(201).json({ openid })
  })

  router.post('/users/:openid/subscribe', async (request, response) => {
    const { appId, scene } = checkSubscribe(request.body)
    const scan =
      scene === undefined ? undefined : { scene, ticket: state.tickets.scanned(appId, scene).ticket }
    await carryOut((turn) => arrive(turn, scan), turnOf(request, appId), request.body, response)
  })

  /** What the camera read off a scene code's picture. */
  router.post('/users/:openid/scan', async (request, response) => {
    const ticket = state.tickets.byUrl(checkScan(request.body).url)
    if (!ticket) throw new PhoneRefusal(404, 'code-unknown', 'this is no scene code, or it has expired')
    await carryOut((turn) => arrive(turn, ticket), turnOf(request, ticket.appId), request.body, response)
  })

  /** Opens an authorisation page in WeChat's browser, and agrees. */
  router.post('/users/:openid/authorise', async (request, response) => {
    const { url } = checkAuthorise(request.body)
    const authorised = authoriseAt(
      new URL(url).searchParams,
      String(request.params['openid']),
      accounts,
      state,
    )
    await state.committed()
    response.json({ redirect: authorised })
  })

  router.post('/users/:openid/:action', async (request, response, next) => {
    const action = ACTIONS.get(request.params.action)
    if (!action) return next()
    const turn = turnOf(request, appIdIn(request.body))
    if (!turn.follower.subscribed) {
      throw new PhoneRefusal(409, 'not-subscribed', 'the user does not follow this account; subscribe first')
    }
    await carryOut(action, turn, request.body, response)
  })

  router.get('/users/:openid/menu', (request, response) => {
    const { appId } = followerOf(request, request.query['appId'])
    response.json({ button: state.menus.get(appId)?.button ?? [] })
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

  router.get('/media/:mediaId', async (request, response) => {
    const media = await state.media.get(request.params.mediaId)
    if (!media)
      throw new PhoneRefusal(404, 'media-unknown', 'there is no such picture, or it is over three days old')
    response.type(media.contentType).send(media.bytes)
  })

  router.post('/page-signature', (request, response) => {
    const { appId, ...page } = checkPage(request.body)
    response.json({ ok: state.pageTickets.isSigned(accountOf(appId).appId, page) })
  })

  router.get('/settled', async (_request, response) => {
    await Promise.all([...state.channels.values()].map((channel) => channel.settled()))
    response.status(204).end()
  })

  router.use(phonePage())
  router.use(refusals)
  return router
}

/** Turns what a phone or a control may not have into its answer. */
export function refusals(
  error: unknown,
  _request: Request,
  response: Response,
  next: (error: unknown) => void,
) {
  if (response.headersSent) return next(error)
  if (error instanceof PhoneRefusal) {
    response.status(error.status).json({ error: error.error, message: error.message })
  } else if (error instanceof ContractViolation) {
    response.status(400).json({ error: 'request-invalid', message: error.message })
  } else next(error)
}
