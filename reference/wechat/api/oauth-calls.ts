import type { Request } from 'express'
import type { WeChatState } from '../state/wechat-state.js'
import type { WeChatPlatformConfig } from '../wechat-config.js'
import { DONE, refuse, type ApiAnswer } from './api-call.js'
import { isText } from './json-field.js'
import { credential } from './credential.js'

const textOf = (request: Request, name: string) => {
  const value = request.query[name]
  return typeof value === 'string' ? value : ''
}

/** `/sns/…`: with these a page's server learns who its user is. */
export function oauthCalls(
  config: WeChatPlatformConfig,
  state: WeChatState,
): Readonly<Record<string, (request: Request) => ApiAnswer>> {
  return {
    '/sns/oauth2/access_token'(request) {
      const { appid, secret, code, grant_type } = request.query
      if (grant_type !== 'authorization_code') return refuse(40002)
      const account = credential(config, appid, secret)
      if ('errcode' in account) return account
      if (!isText(code)) return refuse(41008)
      const granted = state.oauth.redeem(account.appId, code)
      return 'errcode' in granted ? granted : { json: granted }
    },

    '/sns/oauth2/refresh_token'(request) {
      if (request.query['grant_type'] !== 'refresh_token') return refuse(40002)
      const granted = state.oauth.refresh(textOf(request, 'appid'), textOf(request, 'refresh_token'))
      return 'errcode' in granted ? granted : { json: granted }
    },

    '/sns/userinfo'(request) {
      const openid = request.query['openid']
      const consent = state.oauth.check(textOf(request, 'access_token'), openid)
      if ('errcode' in consent) return consent
      if (consent.scope !== 'snsapi_userinfo') return refuse(48001)
      return {
        json: {
          openid,
          nickname: '微信用户',
          sex: 0,
          province: '',
          city: '',
          country: '',
          headimgurl: '',
          privilege: [],
        },
      }
    },

    '/sns/auth'(request) {
      const consent = state.oauth.check(textOf(request, 'access_token'), request.query['openid'])
      return 'errcode' in consent ? consent : DONE
    },
  }
}
