import { dirname, resolve } from 'node:path'
import type { Profile } from '../profile-schema.js'

/**
 * A service account outlives the cloud's scenarios at WeChat: its menu is published once, its tokens and media go on.
 * So it does here when the cloud is external; else each scenario has a fresh account.
 * @param file the profile's; beside it, without `wechat.store`, in `NAME.wechat.db`
 */
export function accountStoreUrl({ parties, wechat }: Profile, file: string): string | undefined {
  if (typeof parties.cloud !== 'object') return undefined
  const named = wechat.store?.replace(/^libsql:/, '')
  return `libsql:${named === undefined ? file.replace(/\.ya?ml$/, '.wechat.db') : resolve(dirname(file), named)}`
}
