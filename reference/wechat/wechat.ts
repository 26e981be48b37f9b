import express from 'express'
import { expressFaults } from '../http/express-faults.js'
import { serveHttp } from '../http/serve-http.js'
import type { RunningParty } from '../ports/party.js'
import { apiErrorBody } from './api-error.js'
import { apiRoutes } from './api-routes.js'
import { phoneRoutes } from './phone-routes.js'
import {
  checkWeChatSettings,
  WeChatSettingsInvalid,
  type WeChatPlatformConfig,
  type WeChatPlatformDeps,
} from './wechat-config.js'
import { createWeChatState } from './wechat-state.js'

const UNREADABLE = { error: 'request-invalid', message: 'the request cannot be read' }
const FAILED = { error: 'failed', message: 'the platform failed; see its log' }

export interface WeChatPlatform extends RunningParty {
  /** Base of the API (`/cgi-bin/…`) and of the phones (`/phone/…`). */
  readonly url: string
  /**
   * Points an account at its server and verifies it at once, as saving the server settings in the console does.
   * @throws WeChatSettingsInvalid for an unknown account, CallbackRefused when the server does not pass
   */
  connectCallback(appId: string, callbackUrl: string): Promise<void>
}

/**
 * The WeChat platform as service accounts meet it: pushes in plain mode, the API, and phones that are driven over HTTP.
 * A configured callback is verified before its first push.
 * @throws WeChatSettingsInvalid, CannotListen
 */
export async function startWeChatPlatform(
  config: WeChatPlatformConfig,
  deps: WeChatPlatformDeps,
): Promise<WeChatPlatform> {
  checkWeChatSettings(config)
  const state = createWeChatState(config, deps)
  const app = express()
  app.disable('x-powered-by')
  app.use('/cgi-bin', apiRoutes(config, deps, state))
  app.use('/phone', phoneRoutes(config, deps, state))
  app.use((_request, response) => void response.status(404).end())
  app.use(
    expressFaults(deps.log, (response, status, path) => {
      if (path.startsWith('/cgi-bin')) response.json(apiErrorBody(47001, deps.clock.now(), deps.random))
      else response.status(status).json(status < 500 ? UNREADABLE : FAILED)
    }),
  )
  const server = await serveHttp(app, config)
  deps.log.record('wechat-ready', { url: server.url, accounts: config.accounts.map(({ appId }) => appId) })
  return {
    url: server.url,
    async connectCallback(appId, callbackUrl) {
      const channel = state.channels.get(appId)
      if (!channel) throw new WeChatSettingsInvalid(`there is no account ${appId}`)
      if (!URL.canParse(callbackUrl)) throw new WeChatSettingsInvalid(`"${callbackUrl}" is not a URL`)
      await channel.connectCallback(callbackUrl)
    },
    async close() {
      await Promise.all([...state.channels.values()].map((channel) => channel.close()))
      await server.close()
    },
  }
}
