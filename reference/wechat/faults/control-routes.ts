import express, { type Router } from 'express'
import { messageCheck } from '../../contracts/contract.js'
import { bearerOf } from '../../http/bearer.js'
import { sameSecret } from '../../same-secret.js'
import { PhoneRefusal } from '../phone/phone-refusal.js'
import { refusals } from '../phone/phone-routes.js'
import type { WeChatState } from '../state/wechat-state.js'
import type { WeChatPlatformConfig, WeChatPlatformDeps } from '../wechat-config.js'
import type { FaultSettings } from './faults.js'

const checkFaults = messageCheck<Partial<FaultSettings>>('phone.openapi', 'Faults')
const checkRevocation = messageCheck<{ readonly appId: string }>('phone.openapi', 'AccountRequest')

/** `/control`: what a test, and nobody at WeChat, can do. It asks for the control token. */
export function controlRoutes(
  { controlToken }: WeChatPlatformConfig,
  { log }: WeChatPlatformDeps,
  state: WeChatState,
): Router {
  const router = express.Router()
  router.use((request, _response, next) => {
    if (controlToken === undefined) {
      throw new PhoneRefusal(403, 'control-off', 'start the platform with a controlToken to switch faults')
    }
    if (!sameSecret(bearerOf(request.get('authorization')), controlToken)) {
      throw new PhoneRefusal(401, 'unauthorised', 'this needs the control token as a bearer token')
    }
    next()
  })
  router.use(express.json({ limit: '64kb' }))

  router.put('/faults', (request, response) => {
    const faults = checkFaults(request.body)
    state.faults.set(faults)
    if (!faults.reorderPushes) for (const channel of state.channels.values()) channel.releaseHeld()
    log.record('faults-set', { ...faults })
    response.status(204).end()
  })

  router.get('/faults', (_request, response) => void response.json(state.faults.settings))

  /** Ends every token of an account early. */
  router.post('/tokens/revoke', async (request, response) => {
    const { appId } = checkRevocation(request.body)
    if (!state.channels.has(appId)) {
      throw new PhoneRefusal(404, 'account-unknown', 'there is no account with this appId')
    }
    state.tokens.revoke(appId)
    await state.committed()
    log.record('tokens-revoked', { appId })
    response.status(204).end()
  })

  router.use(refusals)
  return router
}
