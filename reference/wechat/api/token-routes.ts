import express, { type Request, type Router } from 'express'
import type { WeChatState } from '../state/wechat-state.js'
import type { WeChatAccount, WeChatPlatformConfig } from '../wechat-config.js'
import type { Answers } from './answers.js'
import { readApiJson } from './api-body.js'
import { refuse, type ApiAnswer } from './api-call.js'
import { isRefusal, type ApiRefusal } from './api-error.js'
import { fieldOf } from './json-field.js'
import { credential } from './credential.js'
import { oauthCalls } from './oauth-calls.js'

const MAX_JSON_BYTES = 64 * 1024
/** Tokens that an account may ask for a day. */
const TOKENS_PER_DAY = 2_000

/** The address of the caller as its account lists it. */
const addressOf = (request: Request) => (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')

/** The calls that need no access token: they are how accounts and pages come by one. */
export function tokenRoutes(config: WeChatPlatformConfig, state: WeChatState, answers: Answers): Router {
  const router = express.Router()
  const raw = express.raw({ type: () => true, limit: MAX_JSON_BYTES })

  /** Whoever may have a token: right secret, right address, and not too often. */
  function admit(
    appId: unknown,
    secret: unknown,
    path: string,
    request: Request,
  ): WeChatAccount | ApiRefusal {
    const account = credential(config, appId, secret)
    if ('errcode' in account) return account
    const address = addressOf(request)
    const listed = account.ipAllowList?.includes(address) ?? true
    if (state.faults.settings.refuseAddresses || !listed) {
      return refuse(40164, `${address} ipv6 ::ffff:${address}, not in whitelist`)
    }
    if (state.faults.settings.quotaSpent.includes(path)) return refuse(45009)
    const taken = state.quotas.take(account.appId, path, account.callsPerDay?.[path] ?? TOKENS_PER_DAY)
    return taken === 'taken' ? account : taken
  }

  function token(request: Request): ApiAnswer {
    const { grant_type, appid, secret } = request.query
    if (grant_type !== 'client_credential') return refuse(40002)
    const account = admit(appid, secret, '/cgi-bin/token', request)
    return 'errcode' in account ? account : { json: state.tokens.issue(account.appId) }
  }

  function stableToken(request: Request): ApiAnswer {
    if (request.method !== 'POST') return refuse(43002)
    const read = readApiJson(request)
    if (isRefusal(read)) return read
    const { json } = read as { json: object }
    if (fieldOf(json, 'grant_type') !== 'client_credential') return refuse(40002)
    const account = admit(fieldOf(json, 'appid'), fieldOf(json, 'secret'), '/cgi-bin/stable_token', request)
    if ('errcode' in account) return account
    const grant = state.tokens.stable(account.appId, fieldOf(json, 'force_refresh') === true)
    return 'errcode' in grant ? grant : { json: grant }
  }

  const routes = {
    '/cgi-bin/token': token,
    '/cgi-bin/stable_token': stableToken,
    ...oauthCalls(config, state),
  }
  for (const [path, answer] of Object.entries(routes)) {
    router.all(path, raw, async (request, response) => {
      await answers.give(answer(request), request, response)
    })
  }
  return router
}
