import type { RandomInteger } from '../../domain/unlock-code.js'
import type { Clock } from '../../ports/clock.js'
import { signPage } from '../../wechat-wire/push-signature.js'
import { sameSecret } from '../../same-secret.js'
import { randomText } from '../random-text.js'
import type { Journal } from './journal.js'
import { StoredMap } from './stored-map.js'

const LIFE_SECONDS = 7200

/** Tickets with which accounts sign their pages for `wx.config`; the same one while it lives. */
export class PageTickets {
  readonly #tickets: StoredMap<{ readonly ticket: string; readonly expiresAt: number }>

  constructor(
    journal: Journal,
    private readonly clock: Clock,
    private readonly random: RandomInteger,
  ) {
    this.#tickets = new StoredMap(journal, 'page-ticket')
  }

  get(appId: string): { readonly ticket: string; readonly expires_in: number } {
    const now = this.clock.now()
    let found = this.#tickets.get(appId)
    if (!found || now >= found.expiresAt) {
      found = { ticket: randomText(86, this.random), expiresAt: now + LIFE_SECONDS * 1000 }
      this.#tickets.set(appId, found)
    }
    return { ticket: found.ticket, expires_in: Math.ceil((found.expiresAt - now) / 1000) }
  }

  /** What `wx.config` in WeChat's browser makes of a page's signature. */
  isSigned(
    appId: string,
    page: {
      readonly url: string
      readonly nonceStr: string
      readonly timestamp: string
      readonly signature: string
    },
  ): boolean {
    const found = this.#tickets.get(appId)
    if (!found || this.clock.now() >= found.expiresAt) return false
    return sameSecret(page.signature, signPage(found.ticket, page.nonceStr, page.timestamp, page.url))
  }
}
