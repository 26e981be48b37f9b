import express, { type Router } from 'express'
import type { WeChatState } from '../state/wechat-state.js'
import type { WeChatAccount } from '../wechat-config.js'
import { PhoneRefusal } from './phone-refusal.js'

const SCOPES = ['snsapi_base', 'snsapi_userinfo']

/**
 * What WeChat's browser does at `/connect/oauth2/authorize` once the user has agreed.
 * @returns where it goes next: the page that asked, with a code
 * @throws PhoneRefusal
 */
export function authoriseAt(
  query: URLSearchParams,
  openid: string,
  accounts: readonly WeChatAccount[],
  state: WeChatState,
): string {
  const appId = query.get('appid') ?? ''
  if (!accounts.some((account) => account.appId === appId)) {
    throw new PhoneRefusal(404, 'account-unknown', 'there is no account with this appid')
  }
  if (!state.followers.of(openid, appId)) {
    throw new PhoneRefusal(404, 'user-unknown', 'there is no user with this openid')
  }
  const redirect = query.get('redirect_uri') ?? ''
  const scope = query.get('scope') ?? ''
  if (query.get('response_type') !== 'code' || !SCOPES.includes(scope) || !/^https?:/.test(redirect)) {
    const message = 'response_type is code, scope snsapi_base or snsapi_userinfo, redirect_uri an http(s) URL'
    throw new PhoneRefusal(400, 'request-invalid', message)
  }
  if (!URL.canParse(redirect)) throw new PhoneRefusal(400, 'request-invalid', 'redirect_uri is no URL')
  const page = new URL(redirect)
  page.searchParams.set('code', state.oauth.authorise({ appId, openid, scope }))
  page.searchParams.set('state', query.get('state') ?? '')
  return page.href
}

/** Whose phone a browser is: the cookie that the phone page sets. */
const openidIn = (cookie: string | undefined) => /(?:^|;\s*)openid=([\w-]+)/.exec(cookie ?? '')?.[1]

/** `/connect/oauth2/authorize`, as a link in WeChat's browser opens it. */
export function authorisationRoutes(accounts: readonly WeChatAccount[], state: WeChatState): Router {
  const router = express.Router()
  router.get('/connect/oauth2/authorize', async (request, response) => {
    const openid = openidIn(request.headers.cookie)
    if (openid === undefined) return void response.status(403).type('html').send('请在微信客户端打开链接')
    const query = new URL(request.originalUrl, 'http://platform').searchParams
    const page = authoriseAt(query, openid, accounts, state)
    await state.committed()
    response.redirect(page)
  })
  return router
}
