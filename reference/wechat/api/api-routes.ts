import express, { type Request, type Router } from 'express'
import { MAX_MEDIA_BYTES } from '../state/media-type.js'
import type { WeChatState } from '../state/wechat-state.js'
import type { WeChatAccount, WeChatPlatformConfig, WeChatPlatformDeps } from '../wechat-config.js'
import { ACCOUNT_CALLS } from './account-calls.js'
import { readApiJson, readMediaField } from './api-body.js'
import { refuse, type ApiAnswer, type ApiCall } from './api-call.js'
import { isRefusal, type ApiRefusal } from './api-error.js'
import { Answers } from './answers.js'
import { CUSTOM_MESSAGE_CALLS } from './custom-message.js'
import { drawTicket, MEDIA_CALLS } from './media-calls.js'
import { TEMPLATE_CALLS } from './template-calls.js'
import { tokenRoutes } from './token-routes.js'

const MAX_JSON_BYTES = 1024 * 1024

/** By path: one look-up finds a call, where a router would try them one after the other. */
const CALLS: ReadonlyMap<string, ApiCall> = new Map(
  [...CUSTOM_MESSAGE_CALLS, ...TEMPLATE_CALLS, ...MEDIA_CALLS, ...ACCOUNT_CALLS].map((call) => [
    call.path,
    call,
  ]),
)

/** The platform's API for accounts: HTTP 200 even on error. */
export function apiRoutes(
  config: WeChatPlatformConfig,
  deps: WeChatPlatformDeps,
  state: WeChatState,
): Router {
  const { clock, log } = deps
  const router = express.Router()
  const answers = new Answers(deps, state)
  const raw = {
    json: express.raw({ type: () => true, limit: MAX_JSON_BYTES }),
    form: express.raw({ type: () => true, limit: MAX_MEDIA_BYTES + 64 * 1024 }),
  }
  router.use(['/cgi-bin', '/sns'], (request, response, next) => answers.orFault(request, response, next))
  router.use(tokenRoutes(config, state, answers))

  /** Whether the account may make this call now. */
  function admit(call: ApiCall, request: Request): WeChatAccount | ApiRefusal {
    if (call.method !== 'any' && request.method !== call.method) {
      return refuse(call.method === 'POST' ? 43002 : 43001)
    }
    const token = state.tokens.check(request.query['access_token'])
    if ('errcode' in token) return token
    const account = config.accounts.find(({ appId }) => appId === token.appId)
    if (!account) return refuse(40001)
    if (account.unauthorisedCalls?.includes(call.path)) return refuse(48001)
    if (state.faults.settings.quotaSpent.includes(call.path)) return refuse(45009)
    const perDay = account.callsPerDay?.[call.path] ?? call.perDay
    const taken = perDay === Infinity ? 'taken' : state.quotas.take(account.appId, call.path, perDay)
    return taken === 'taken' ? account : taken
  }

  async function carryOut(call: ApiCall, request: Request): Promise<ApiAnswer> {
    const account = admit(call, request)
    if ('errcode' in account) return account
    const read = call.body === 'json' ? readApiJson(request) : { json: {} }
    if (isRefusal(read)) return read
    const answer = await call.run({
      account,
      query: request.query,
      body: (read as { json: object }).json,
      file: call.body === 'form' ? await readMediaField(request) : undefined,
      state,
      nowMs: clock.now(),
      baseUrl: `${request.protocol}://${request.get('host') ?? 'localhost'}`,
    })
    log.record('api-call', { call: call.path, appId: account.appId }, request.get('x-correlation-id'))
    return answer
  }

  router.use((request, response, next) => {
    const call = CALLS.get(request.path)
    if (!call) return next()
    raw[call.body ?? 'json'](request, response, (error?: unknown) => {
      if (error !== undefined) return next(error)
      carryOut(call, request)
        .then((answer) => answers.give(answer, request, response))
        .catch(next)
    })
  })

  /** Not part of the API proper: pictures that anybody may look at. */
  router.get(['/cgi-bin/showqrcode', '/showqrcode'], async (request, response) => {
    const ticket = state.tickets.get(request.query['ticket'])
    if (!ticket) return void response.status(404).end()
    response.type('png').send(await drawTicket(ticket.url))
  })
  /** What is not there is an error of the API like all others. */
  router.use(['/cgi-bin', '/sns'], (request, response) => answers.give(refuse(40066), request, response))
  router.get('/mmbiz/:mediaId', async (request, response) => {
    const media = await state.media.get(request.params.mediaId)
    if (!media) return void response.status(404).end()
    response.type(media.contentType).send(media.bytes)
  })
  return router
}
