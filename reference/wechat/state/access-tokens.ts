import type { RandomInteger } from '../../domain/unlock-code.js'
import type { Clock } from '../../ports/clock.js'
import type { ApiRefusal } from '../api/api-error.js'
import { randomText } from '../random-text.js'
import { beijingDay } from './beijing-day.js'
import type { Journal } from './journal.js'
import { StoredMap } from './stored-map.js'

const LIFE_SECONDS = 7200
/** How long the one before stays good after a new one; also the stable token's last minutes. */
const OVERLAP_SECONDS = 300
const FORCED_PER_DAY = 20
const FORCED_APART_SECONDS = 30
/** A token is kept a day past its end, so that a late caller hears "expired", not "invalid". */
const KEPT_MS = 86_400_000
const MAX_TOKEN_LENGTH = 512

type Pool = 'token' | 'stable'

interface AccessToken {
  readonly appId: string
  readonly pool: Pool
  /** Natural end of life. */
  readonly expiresAt: number
  /** End that a newer token set, or a fault. */
  supersededAt?: number
}

export interface TokenGrant {
  readonly access_token: string
  readonly expires_in: number
}

/** The two pools of access tokens; times are business time. */
export class AccessTokens {
  readonly #tokens: StoredMap<AccessToken>
  /** By pool and appId: the text of the newest. */
  readonly #latest: StoredMap<{ readonly text: string }>
  readonly #forced: StoredMap<{ readonly day: string; readonly count: number; readonly at: number }>

  constructor(
    journal: Journal,
    private readonly clock: Clock,
    private readonly random: RandomInteger,
  ) {
    this.#tokens = new StoredMap(journal, 'access-token')
    this.#latest = new StoredMap(journal, 'latest-token')
    this.#forced = new StoredMap(journal, 'forced-refresh')
  }

  /** `/cgi-bin/token`: always a new one; the one before ends five minutes later. */
  issue(appId: string): TokenGrant {
    this.#supersede(appId, 'token', this.clock.now() + OVERLAP_SECONDS * 1000)
    return this.#create(appId, 'token')
  }

  /**
   * `/cgi-bin/stable_token`: the same one until its last five minutes. Forcing a new one ends the one before at once,
   * and is allowed 20 times a day, 30 s apart.
   */
  stable(appId: string, force: boolean): TokenGrant | ApiRefusal {
    const now = this.clock.now()
    if (force) {
      const day = beijingDay(now)
      const last = this.#forced.get(appId)
      const today = last?.day === day ? last.count : 0
      if (today >= FORCED_PER_DAY) return { errcode: 45009 }
      if (last !== undefined && now - last.at < FORCED_APART_SECONDS * 1000) return { errcode: 45011 }
      this.#forced.set(appId, { day, count: today + 1, at: now })
      this.#supersede(appId, 'stable', now)
      return this.#create(appId, 'stable')
    }
    const text = this.#latest.get(`stable ${appId}`)?.text ?? ''
    const current = this.#tokens.get(text)
    const usable = current && current.expiresAt - now > OVERLAP_SECONDS * 1000 && this.#isGood(current)
    return usable ? this.#grant(text, current) : this.#create(appId, 'stable')
  }

  /** The account that a token speaks for. */
  check(text: unknown): { readonly appId: string } | ApiRefusal {
    if (typeof text !== 'string' || text === '') return { errcode: 41001 }
    if (text.length > MAX_TOKEN_LENGTH || !/^[\w-]+$/.test(text)) return { errcode: 40014 }
    const token = this.#tokens.get(text)
    if (!token) return { errcode: 40001 }
    if (this.clock.now() >= token.expiresAt) return { errcode: 42001 }
    return this.#isGood(token) ? { appId: token.appId } : { errcode: 40001 }
  }

  /** Ends every token of an account at once, as an environment that shares it would. */
  revoke(appId: string): void {
    this.#supersede(appId, 'token', this.clock.now())
    this.#supersede(appId, 'stable', this.clock.now())
  }

  #isGood({ supersededAt }: AccessToken): boolean {
    return supersededAt === undefined || this.clock.now() < supersededAt
  }

  /** None of the pool lives longer than to `at`. */
  #supersede(appId: string, pool: Pool, at: number): void {
    for (const [text, token] of this.#tokens.entries()) {
      if (token.appId !== appId || token.pool !== pool || (token.supersededAt ?? Infinity) <= at) continue
      token.supersededAt = at
      this.#tokens.set(text, token)
    }
  }

  #create(appId: string, pool: Pool): TokenGrant {
    const now = this.clock.now()
    for (const [text, old] of this.#tokens.entries()) {
      if (now - old.expiresAt > KEPT_MS) this.#tokens.delete(text)
    }
    const text = `99_${randomText(133, this.random)}`
    const token: AccessToken = { appId, pool, expiresAt: now + LIFE_SECONDS * 1000 }
    this.#tokens.set(text, token)
    this.#latest.set(`${pool} ${appId}`, { text })
    return this.#grant(text, token)
  }

  #grant(text: string, { expiresAt }: AccessToken): TokenGrant {
    return { access_token: text, expires_in: Math.ceil((expiresAt - this.clock.now()) / 1000) }
  }
}
