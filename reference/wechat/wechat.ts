import express from 'express'
import { expressFaults } from '../http/express-faults.js'
import { serveHttp } from '../http/serve-http.js'
import type { RunningParty } from '../ports/party.js'
import { apiErrorBody } from './api/api-error.js'
import { apiRoutes } from './api/api-routes.js'
import { controlRoutes } from './faults/control-routes.js'
import { authorisationRoutes } from './phone/page-authorisation.js'
import { phoneRoutes, refusals } from './phone/phone-routes.js'
import { openWeChatState } from './state/wechat-state.js'
import {
  checkWeChatSettings,
  WeChatSettingsInvalid,
  type WeChatPlatformConfig,
  type WeChatPlatformDeps,
} from './wechat-config.js'

const UNREADABLE = { error: 'request-invalid', message: 'the request cannot be read' }
const FAILED = { error: 'failed', message: 'the platform failed; see its log' }

export interface WeChatPlatform extends RunningParty {
  /** Base of the API (`/cgi-bin/…`), of the phones (`/phone/…`) and of the fault switches (`/control/…`). */
  readonly url: string
  /**
   * Points an account at its server and verifies it at once, as saving the server settings in the console does.
   * @throws WeChatSettingsInvalid for an unknown account, CallbackRefused when the server does not pass
   */
  connectCallback(appId: string, callbackUrl: string): Promise<void>
}

/**
 * The WeChat platform as service accounts meet it: signed and encrypted pushes, the API, and phones that are driven
 * over HTTP or by hand. A configured callback is verified before its first push. It does not close the store, which it
 * was given.
 * @throws WeChatSettingsInvalid, CannotListen, and what the store throws
 */
export async function startWeChatPlatform(
  config: WeChatPlatformConfig,
  deps: WeChatPlatformDeps,
): Promise<WeChatPlatform> {
  checkWeChatSettings(config)
  const { log, clock, random } = deps
  const state = await openWeChatState(config, deps)
  const app = express()
  app.disable('x-powered-by').disable('etag')
  app.use('/phone', phoneRoutes(config, deps, state))
  app.use(apiRoutes(config, deps, state))
  app.use('/control', controlRoutes(config, deps, state))
  app.use(authorisationRoutes(config.accounts, state))
  app.use((_request, response) => void response.status(404).end())
  app.use(refusals)
  app.use(
    expressFaults(log, (response, status, path) => {
      if (/^\/(cgi-bin|sns)\//.test(path)) {
        const refusal =
          status === 413
            ? { errcode: 47001, detail: 'request-too-large' }
            : { errcode: status < 500 ? 47001 : -1 }
        response.json(apiErrorBody(refusal as Parameters<typeof apiErrorBody>[0], clock.now(), random))
      } else response.status(status).json(status < 500 ? UNREADABLE : FAILED)
    }),
  )
  const server = await serveHttp(app, config, log)
  log.record('wechat-ready', { url: server.url, accounts: config.accounts.map(({ appId }) => appId) })
  return {
    url: server.url,
    async connectCallback(appId, callbackUrl) {
      const channel = state.channels.get(appId)
      if (!channel) throw new WeChatSettingsInvalid(`there is no account ${appId}`)
      if (!URL.canParse(callbackUrl)) throw new WeChatSettingsInvalid(`"${callbackUrl}" is not a URL`)
      await channel.connectCallback(callbackUrl)
    },
    async close() {
      await server.close()
      await Promise.all([...state.channels.values()].map((channel) => channel.close()))
      await state.committed()
    },
  }
}
