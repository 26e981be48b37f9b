import { sameSecret } from '../../same-secret.js'
import type { WeChatAccount, WeChatPlatformConfig } from '../wechat-config.js'
import { refuse } from './api-call.js'
import type { ApiRefusal } from './api-error.js'

/** An account that proves itself by its secret. */
export function credential(
  config: WeChatPlatformConfig,
  appId: unknown,
  secret: unknown,
): WeChatAccount | ApiRefusal {
  if (typeof appId !== 'string' || appId === '') return refuse(41002)
  const account = config.accounts.find((candidate) => candidate.appId === appId)
  if (!account) return refuse(40013)
  if (typeof secret !== 'string' || secret === '') return refuse(41004)
  return sameSecret(secret, account.secret) ? account : refuse(40125)
}
