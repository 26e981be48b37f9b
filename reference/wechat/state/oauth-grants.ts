import type { RandomInteger } from '../../domain/unlock-code.js'
import type { Clock } from '../../ports/clock.js'
import type { ApiRefusal } from '../api/api-error.js'
import { randomText } from '../random-text.js'
import type { Journal } from './journal.js'
import { StoredMap } from './stored-map.js'

const CODE_LIFE_MS = 5 * 60_000
const TOKEN_LIFE_SECONDS = 7200
const REFRESH_LIFE_MS = 30 * 86_400_000

interface Consent {
  readonly appId: string
  readonly openid: string
  readonly scope: string
}

interface Code extends Consent {
  readonly expiresAt: number
  used?: true
}

interface Grant extends Consent {
  readonly expiresAt: number
}

/** What `/sns/oauth2/access_token` answers. */
export interface OAuthAnswer {
  readonly access_token: string
  readonly expires_in: number
  readonly refresh_token: string
  readonly openid: string
  readonly scope: string
}

/** Pages that asked who their user is: codes that are good once and for five minutes, and tokens of users. */
export class OAuthGrants {
  readonly #codes: StoredMap<Code>
  readonly #tokens: StoredMap<Grant>
  readonly #refresh: StoredMap<Grant>

  constructor(
    journal: Journal,
    private readonly clock: Clock,
    private readonly random: RandomInteger,
  ) {
    this.#codes = new StoredMap(journal, 'oauth-code')
    this.#tokens = new StoredMap(journal, 'oauth-token')
    this.#refresh = new StoredMap(journal, 'oauth-refresh')
  }

  /** The user has agreed: a code for the page. */
  authorise(consent: Consent): string {
    const code = randomText(32, this.random)
    this.#codes.set(code, { ...consent, expiresAt: this.clock.now() + CODE_LIFE_MS })
    return code
  }

  redeem(appId: string, text: string): OAuthAnswer | ApiRefusal {
    const code = this.#codes.get(text)
    if (!code || code.appId !== appId || this.clock.now() >= code.expiresAt) return { errcode: 40029 }
    if (code.used) return { errcode: 40163 }
    this.#codes.set(text, { ...code, used: true })
    const { openid, scope } = code
    const refresh = randomText(107, this.random)
    this.#refresh.set(refresh, { appId, openid, scope, expiresAt: this.clock.now() + REFRESH_LIFE_MS })
    return this.#grant({ appId, openid, scope }, refresh)
  }

  refresh(appId: string, text: string): OAuthAnswer | ApiRefusal {
    const grant = this.#refresh.get(text)
    if (!grant || grant.appId !== appId) return { errcode: 40030 }
    if (this.clock.now() >= grant.expiresAt) return { errcode: 42002 }
    return this.#grant(grant, text)
  }

  /** Whom a user's token speaks of. */
  check(text: string, openid: unknown): Consent | ApiRefusal {
    const grant = this.#tokens.get(text)
    if (!grant) return { errcode: 40001 }
    if (this.clock.now() >= grant.expiresAt) return { errcode: 42001 }
    return grant.openid === openid ? grant : { errcode: 40003 }
  }

  #grant({ appId, openid, scope }: Consent, refresh: string): OAuthAnswer {
    const text = randomText(107, this.random)
    const expiresAt = this.clock.now() + TOKEN_LIFE_SECONDS * 1000
    this.#tokens.set(text, { appId, openid, scope, expiresAt })
    return { access_token: text, expires_in: TOKEN_LIFE_SECONDS, refresh_token: refresh, openid, scope }
  }
}
