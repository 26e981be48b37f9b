import type { RandomInteger } from '../domain/unlock-code.js'
import type { Clock } from '../ports/clock.js'
import type { ApiRefusal } from './api-error.js'
import { randomText } from './random-text.js'

const LIFE_SECONDS = 7200
/** How long the one before stays good after a new one; also the stable token's last minutes. */
const OVERLAP_SECONDS = 300
const FORCED_PER_DAY = 20
const FORCED_APART_SECONDS = 30

interface AccessToken {
  readonly text: string
  readonly appId: string
  /** Natural end of life. */
  readonly expiresAt: number
  /** End that a newer token set. */
  supersededAt: number
}

export interface TokenGrant {
  readonly access_token: string
  readonly expires_in: number
}

/** The two pools of access tokens; times are business time. */
export class AccessTokens {
  readonly #tokens = new Map<string, AccessToken>()
  readonly #latest = new Map<string, AccessToken>()
  readonly #stable = new Map<string, AccessToken>()
  readonly #forcedAt = new Map<string, number[]>()

  constructor(
    private readonly clock: Clock,
    private readonly random: RandomInteger,
  ) {}

  /** `/cgi-bin/token`: always a new one; the one before ends five minutes later. */
  issue(appId: string): TokenGrant {
    const before = this.#latest.get(appId)
    if (before) before.supersededAt = this.clock.now() + OVERLAP_SECONDS * 1000
    return this.#grant(this.#create(appId, this.#latest))
  }

  /**
   * `/cgi-bin/stable_token`: the same one until its last five minutes. Forcing a new one ends the one before at once,
   * and is allowed 20 times a day, 30 s apart.
   */
  stable(appId: string, force: boolean): TokenGrant | ApiRefusal {
    const now = this.clock.now()
    const current = this.#stable.get(appId)
    if (force) {
      const today = (this.#forcedAt.get(appId) ?? []).filter((at) => now - at < 86_400_000)
      const last = today.at(-1)
      if (
        today.length >= FORCED_PER_DAY ||
        (last !== undefined && now - last < FORCED_APART_SECONDS * 1000)
      ) {
        return { errcode: 45009 }
      }
      this.#forcedAt.set(appId, [...today, now])
      if (current) current.supersededAt = now
    } else if (current && current.expiresAt - now > OVERLAP_SECONDS * 1000) {
      return this.#grant(current)
    }
    return this.#grant(this.#create(appId, this.#stable))
  }

  /** The account that a token speaks for. */
  check(text: unknown): { readonly appId: string } | ApiRefusal {
    if (typeof text !== 'string' || text === '') return { errcode: 41001 }
    const token = this.#tokens.get(text)
    if (!token) return { errcode: 40001 }
    const now = this.clock.now()
    if (now >= token.expiresAt) return { errcode: 42001 }
    return now >= token.supersededAt ? { errcode: 40001 } : { appId: token.appId }
  }

  #create(appId: string, pool: Map<string, AccessToken>): AccessToken {
    const now = this.clock.now()
    for (const [text, old] of this.#tokens) {
      // kept a day past its end, so that a late caller hears "expired", not "invalid"
      if (now - old.expiresAt > 86_400_000) this.#tokens.delete(text)
    }
    const token: AccessToken = {
      text: `99_${randomText(133, this.random)}`,
      appId,
      expiresAt: now + LIFE_SECONDS * 1000,
      supersededAt: Infinity,
    }
    this.#tokens.set(token.text, token)
    pool.set(appId, token)
    return token
  }

  #grant(token: AccessToken): TokenGrant {
    return {
      access_token: token.text,
      expires_in: Math.ceil((token.expiresAt - this.clock.now()) / 1000),
    }
  }
}
