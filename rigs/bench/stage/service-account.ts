import type { CloudConfig } from '../../../reference/cloud/cloud-config.js'
import type { WeChatAccount } from '../../../reference/wechat/wechat-config.js'
import type { Profile, PushMode, RunSecrets } from '../profile-schema.js'
import { RigUnavailable } from '../rig-errors.js'
import type { PushProtection } from '../wires/push-contract.js'

/** The account's own name in pushes. */
const ORIGINAL_ID = 'gh_lockstep00001'

/** The service account of one stage, as each of the three that have to do with its pushes sees it. */
export interface ServiceAccount {
  /** For the tap on the wire. */
  readonly protection: PushProtection
  atWeChat(callbackUrl: string): WeChatAccount
  atCloud(apiUrl: string): CloudConfig['wechat']
}

/**
 * @param wanted mode that the scenario asks for; the profile's when it asks for none
 * @throws RigUnavailable when pushes are to be encrypted for a user's own cloud that knows no key
 */
export function serviceAccount(
  { wechat, parties, fixed }: Profile,
  secrets: RunSecrets,
  wanted: PushMode | undefined,
): ServiceAccount {
  const mode = wanted ?? wechat.mode
  const { appId, appSecret: secret, wechatToken: token, wechatAesKey: aesKey } = secrets
  if (mode !== 'plain' && typeof parties.cloud === 'object' && fixed?.secrets?.wechatAesKey === undefined) {
    throw new RigUnavailable(
      `pushes in ${mode} mode are encrypted, and the external cloud has been given no key`,
      'set fixed.secrets.wechatAesKey in the profile, or leave out the scenarios tagged @encrypted-push',
    )
  }
  return {
    protection: { mode, token, appId, aesKey },
    atWeChat: (callbackUrl) => ({
      appId,
      secret,
      token,
      originalId: ORIGINAL_ID,
      callbackUrl,
      mode,
      ...(mode !== 'plain' && { aesKey }),
    }),
    atCloud: (apiUrl) => ({
      apiUrl,
      appId,
      secret,
      token,
      originalId: ORIGINAL_ID,
      ...(mode !== 'plain' && { aesKey }),
    }),
  }
}
