import { MediaStore } from './media-store.js'
import type { MenuButton } from '../api/menu-check.js'
import { Faults } from '../faults/faults.js'
import { PushChannel } from '../push/push-channel.js'
import type { WeChatPlatformConfig, WeChatPlatformDeps } from '../wechat-config.js'
import { AccessTokens } from './access-tokens.js'
import { Followers } from './followers.js'
import { Journal } from './journal.js'
import { OAuthGrants } from './oauth-grants.js'
import { PageTickets } from './page-tickets.js'
import { QrTickets } from './qr-tickets.js'
import { Quotas } from './quotas.js'
import { StoredMap } from './stored-map.js'

/** Everything that the platform remembers. */
export interface WeChatState {
  readonly tokens: AccessTokens
  readonly quotas: Quotas
  readonly followers: Followers
  readonly media: MediaStore
  readonly tickets: QrTickets
  readonly pageTickets: PageTickets
  readonly oauth: OAuthGrants
  /** By appId. */
  readonly menus: StoredMap<{ readonly button: readonly MenuButton[] }>
  /** By appId. */
  readonly channels: ReadonlyMap<string, PushChannel>
  /** Switches of tests; not kept. */
  readonly faults: Faults
  nextTemplateMessageId(): number
  /** Resolves when all of it that was changed so far is in the store. */
  committed(): Promise<void>
}

/** WeChat cuts off after 5 s and delivers three times in all. */
const PUSH_TIMEOUT_MS = 5000
const PUSH_DELIVERIES = 3

/** @throws what the store throws */
export async function openWeChatState(
  config: WeChatPlatformConfig,
  deps: WeChatPlatformDeps,
): Promise<WeChatState> {
  const { clock, random, store } = deps
  const journal = await Journal.open(store)
  const media = await MediaStore.open(store, clock, random)
  const faults = new Faults()
  const counters = new StoredMap<{ readonly last: number }>(journal, 'counter')
  const channelDeps = { ...deps, faults, media, committed: () => journal.committed() }
  const settings = {
    timeoutMs: config.pushTimeoutMs ?? PUSH_TIMEOUT_MS,
    deliveries: config.pushDeliveries ?? PUSH_DELIVERIES,
  }
  return {
    tokens: new AccessTokens(journal, clock, random),
    quotas: new Quotas(journal, clock),
    followers: new Followers(journal, random),
    media,
    tickets: new QrTickets(journal, clock, random),
    pageTickets: new PageTickets(journal, clock, random),
    oauth: new OAuthGrants(journal, clock, random),
    menus: new StoredMap(journal, 'menu'),
    channels: new Map(
      config.accounts.map((account) => [account.appId, new PushChannel(account, settings, channelDeps)]),
    ),
    faults,
    nextTemplateMessageId() {
      const last = (counters.get('template-message')?.last ?? 2_000_000_000) + 1
      counters.set('template-message', { last })
      return last
    },
    committed: () => journal.committed(),
  }
}
