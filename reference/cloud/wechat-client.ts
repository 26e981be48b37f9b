import { readLimited } from '../http/read-limited.js'
import type { Clock } from '../ports/clock.js'
import { Backoff } from './backoff.js'
import { WeChatApiError, WeChatUnreachable } from './wechat-errors.js'

export interface WeChatClientConfig {
  readonly apiUrl: string
  readonly appId: string
  readonly secret: string
  readonly timeoutMs: number
}

export type CustomMessage =
  | { readonly msgtype: 'text'; readonly text: { readonly content: string } }
  | { readonly msgtype: 'image'; readonly image: { readonly media_id: string } }
  | {
      readonly msgtype: 'news'
      readonly news: { readonly articles: readonly [{ title: string; description: string; url: string }] }
    }

/** The token is at fault, not the call: a new token mends it. */
const TOKEN_ERRORS = new Set([40001, 40014, 42001])
/** A token is not used in its last minutes, in which it may be replaced. */
const TOKEN_MARGIN_MS = 300_000
const MAX_ANSWER_BYTES = 1024 * 1024

interface HeldToken {
  readonly text: string
  readonly until: number
}

/** WeChat's API for one account: keeps a token for all its callers, and heals a token that was ended early, once. */
export class WeChatClient {
  #token: HeldToken | undefined
  #refresh: Promise<HeldToken> | undefined
  readonly #backoff: Backoff

  /** @param monotonicMs wall time, by which it keeps away from a platform that gives no token */
  constructor(
    private readonly config: WeChatClientConfig,
    private readonly clock: Clock,
    monotonicMs: () => number = () => performance.now(),
  ) {
    this.#backoff = new Backoff(monotonicMs)
  }

  /**
   * Sends a customer-service message. It is never sent twice: after a timeout nobody knows whether it arrived.
   * @throws WeChatApiError, WeChatUnreachable
   */
  async sendMessage(openid: string, message: CustomMessage, correlationId: string): Promise<void> {
    await this.#authorised(correlationId, 'message/custom/send', {}, () =>
      jsonBody({ touser: openid, ...message }),
    )
  }

  /** @throws WeChatApiError, WeChatUnreachable */
  async createMenu(menu: object, correlationId: string): Promise<void> {
    await this.#authorised(correlationId, 'menu/create', {}, () => jsonBody(menu))
  }

  /** @returns media id, good for three days. @throws WeChatApiError, WeChatUnreachable */
  async uploadImage(png: Uint8Array, correlationId: string): Promise<string> {
    const answer = await this.#authorised(correlationId, 'media/upload', { type: 'image' }, () => {
      const body = new FormData()
      body.set('media', new Blob([new Uint8Array(png)], { type: 'image/png' }), 'code.png')
      return { body }
    })
    const id = answer['media_id']
    if (typeof id !== 'string') throw new WeChatUnreachable('media/upload', 'the answer has no media_id')
    return id
  }

  async #authorised(
    correlationId: string,
    call: string,
    query: Record<string, string>,
    request: () => RequestInit,
  ): Promise<Record<string, unknown>> {
    const token = await this.#accessToken(correlationId)
    try {
      return await this.#call(correlationId, call, { ...query, access_token: token }, request())
    } catch (error) {
      if (!(error instanceof WeChatApiError) || !TOKEN_ERRORS.has(error.errcode)) throw error
      const renewed = await this.#replace(token, correlationId)
      return await this.#call(correlationId, call, { ...query, access_token: renewed }, request())
    }
  }

  async #accessToken(correlationId: string): Promise<string> {
    if (this.#token && this.clock.now() < this.#token.until) return this.#token.text
    return (await this.#refreshed(false, correlationId)).text
  }

  /** Another token than the failed one; forced only when the platform still gives the same, since forcing is rationed. */
  async #replace(failed: string, correlationId: string): Promise<string> {
    if (this.#token && this.#token.text !== failed) return this.#token.text
    const current = await this.#refreshed(false, correlationId)
    if (current.text !== failed) return current.text
    return (await this.#refreshed(true, correlationId)).text
  }

  /** One refresh at a time, for however many callers; after a failure none, for a while that grows. */
  async #refreshed(force: boolean, correlationId: string): Promise<HeldToken> {
    this.#refresh ??= this.#backoff
      .run(() => this.#fetchToken(force, correlationId))
      .finally(() => (this.#refresh = undefined))
    return await this.#refresh
  }

  async #fetchToken(force: boolean, correlationId: string): Promise<HeldToken> {
    const { appId: appid, secret } = this.config
    const request = jsonBody({ grant_type: 'client_credential', appid, secret, force_refresh: force })
    const answer = await this.#call(correlationId, 'stable_token', {}, request)
    const { access_token: text, expires_in: life } = answer
    if (typeof text !== 'string' || typeof life !== 'number') {
      throw new WeChatUnreachable('stable_token', 'the answer has no token')
    }
    this.#token = { text, until: this.clock.now() + life * 1000 - TOKEN_MARGIN_MS }
    return this.#token
  }

  async #call(
    correlationId: string,
    call: string,
    query: Record<string, string>,
    init: RequestInit,
  ): Promise<Record<string, unknown>> {
    const url = new URL(`/cgi-bin/${call}`, this.config.apiUrl)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const headers = new Headers(init.headers)
    headers.set('x-correlation-id', correlationId)
    let answer: unknown
    try {
      const signal = AbortSignal.timeout(this.config.timeoutMs)
      const response = await fetch(url, { ...init, method: 'POST', headers, signal, redirect: 'error' })
      const text = response.body ? await readLimited(response.body, MAX_ANSWER_BYTES) : ''
      if (response.status !== 200) throw new WeChatUnreachable(call, `HTTP ${response.status}`)
      // some of its errors come as text/plain, so the content type says nothing
      answer = JSON.parse(text)
    } catch (cause) {
      if (cause instanceof WeChatUnreachable) throw cause
      throw new WeChatUnreachable(call, cause instanceof Error ? cause.message : String(cause), { cause })
    }
    if (typeof answer !== 'object' || answer === null) throw new WeChatUnreachable(call, 'no JSON object')
    const fields = answer as Record<string, unknown>
    const { errcode, errmsg } = fields
    if (typeof errcode === 'number' && errcode !== 0) {
      throw new WeChatApiError(call, errcode, typeof errmsg === 'string' ? errmsg : '')
    }
    return fields
  }
}

function jsonBody(body: object): RequestInit {
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
}
