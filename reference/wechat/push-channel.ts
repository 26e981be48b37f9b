import { readLimited } from '../http/read-limited.js'
import type { Follower } from './followers.js'
import { readPassiveReply } from './passive-reply.js'
import { pushXml, type Push, type PushBody } from './push-xml.js'
import { signPush } from './push-signature.js'
import { randomText } from './random-text.js'
import type { WeChatAccount, WeChatPlatformDeps } from './wechat-config.js'

/** What the user reads when the account does not answer as it should. */
export const SERVICE_FAILED = '该公众号提供的服务出现故障，请稍后再试'

const MAX_REPLY_BYTES = 64 * 1024

export interface PushSettings {
  readonly timeoutMs: number
  readonly deliveries: number
}

/** Thrown when the server of an account does not prove that it knows the account's token. */
export class CallbackRefused extends Error {
  override readonly name = 'CallbackRefused'
  constructor(appId: string, url: string, found: string, options?: ErrorOptions) {
    super(
      `the callback ${url} of ${appId} failed its verification: ${found}; it must echo echostr to a signed GET`,
      options,
    )
  }
}

const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

/** Pushes of one account to its server: verified first, cut off, delivered again, answers judged. */
export class PushChannel {
  /** Every push is delivered this often although it was answered, as when answers get lost. */
  repeatDeliveries = 1
  #callbackUrl: string | undefined
  #verified: Promise<void> | undefined
  readonly #closing = new AbortController()
  readonly #outstanding = new Set<Promise<void>>()

  constructor(
    readonly account: WeChatAccount,
    private readonly settings: PushSettings,
    private readonly deps: WeChatPlatformDeps,
  ) {
    this.#callbackUrl = account.callbackUrl
  }

  /** Takes another server into use, as saving the server settings in the console does. @throws CallbackRefused */
  async connectCallback(url: string): Promise<void> {
    this.#callbackUrl = url
    this.#verified = undefined
    await this.#verify()
  }

  /** Sends a push on its way; the conversation shows what comes of it. */
  send(follower: Follower, body: PushBody, withMessageId: boolean): void {
    const { clock, random } = this.deps
    const push: Push = {
      to: this.account.originalId,
      from: follower.openid,
      createTime: Math.floor(clock.now() / 1000),
      body,
      // beyond 2^53, as the platform's are: who reads it as a number loses digits
      ...(withMessageId && { msgId: String((1n << 62n) + BigInt(random(2 ** 47)) * 2n ** 14n + 1n) }),
    }
    const work = this.#deliver(follower, push).finally(() => this.#outstanding.delete(work))
    this.#outstanding.add(work)
  }

  /** Resolves when no push is on its way. */
  async settled(): Promise<void> {
    while (this.#outstanding.size > 0) await Promise.all(this.#outstanding)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.settled()
  }

  async #verify(): Promise<void> {
    this.#verified ??= this.#proveCallback()
    try {
      await this.#verified
    } catch (error) {
      this.#verified = undefined
      throw error
    }
  }

  async #proveCallback(): Promise<void> {
    const { appId } = this.account
    if (!this.#callbackUrl) throw new CallbackRefused(appId, '(none)', 'no callback URL is set')
    const echostr = randomText(19, this.deps.random)
    const url = this.#signedUrl(this.#callbackUrl)
    url.searchParams.set('echostr', echostr)
    let answer: string
    let status: number
    try {
      const response = await fetch(url, { signal: this.#cutOff(), redirect: 'manual' })
      status = response.status
      answer = await readLimited(response, MAX_REPLY_BYTES)
    } catch (cause) {
      throw new CallbackRefused(appId, this.#callbackUrl, reason(cause), { cause })
    }
    if (status !== 200) throw new CallbackRefused(appId, this.#callbackUrl, `HTTP ${status}`)
    if (answer !== echostr) throw new CallbackRefused(appId, this.#callbackUrl, 'it did not echo echostr')
    this.deps.log.record('callback-verified', { appId })
  }

  async #deliver(follower: Follower, push: Push): Promise<void> {
    const { log } = this.deps
    const correlationId = push.msgId === undefined ? undefined : `wx-${push.msgId}`
    const { appId } = this.account
    try {
      await this.#verify()
    } catch (error) {
      log.record('callback-refused', { appId, reason: reason(error) }, correlationId)
      this.#show(follower, { kind: 'notice', text: SERVICE_FAILED })
      return
    }
    let answered = false
    for (let delivery = 1; delivery <= this.settings.deliveries && !answered; delivery++) {
      try {
        const body = await this.#post(follower, push)
        answered = true
        log.record('push-answered', { appId, kind: push.body.kind, delivery }, correlationId)
        this.#showReply(follower, push, body, correlationId)
      } catch (error) {
        log.record('push-unanswered', { appId, delivery, reason: reason(error) }, correlationId)
        if (this.#closing.signal.aborted) return
      }
    }
    if (!answered) this.#show(follower, { kind: 'notice', text: SERVICE_FAILED })
    for (let copy = 2; answered && copy <= this.repeatDeliveries; copy++) {
      // the answer to a copy is not looked at: the user has seen one
      const outcome = await this.#post(follower, push).then(
        () => 'answered',
        (error: unknown) => reason(error),
      )
      log.record('push-repeated', { appId, copy, outcome }, correlationId)
      if (this.#closing.signal.aborted) return
    }
  }

  /** @returns the body of the answer; an HTTP error is an answer too, and no good one */
  async #post(follower: Follower, push: Push): Promise<string> {
    const url = this.#signedUrl(this.#callbackUrl ?? '')
    url.searchParams.set('openid', follower.openid)
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: pushXml(push),
      signal: this.#cutOff(),
      redirect: 'manual',
    })
    const body = await readLimited(response, MAX_REPLY_BYTES)
    return response.status === 200 ? body : `HTTP ${response.status}`
  }

  #showReply(follower: Follower, push: Push, body: string, correlationId: string | undefined): void {
    const reply = readPassiveReply(body, { to: push.from, from: push.to })
    if ('refused' in reply) {
      this.deps.log.record(
        'passive-reply-refused',
        { appId: this.account.appId, reason: reply.refused },
        correlationId,
      )
      this.#show(follower, { kind: 'notice', text: SERVICE_FAILED })
    } else if (reply.kind === 'text') {
      this.#show(follower, { kind: 'text', text: reply.text })
    } else if (reply.kind === 'news') {
      this.#show(follower, { kind: 'news', text: `${reply.title}\n${reply.description}` })
    }
  }

  #show(follower: Follower, message: { kind: 'text' | 'news' | 'notice'; text: string }): void {
    // who has left sees nothing more
    if (follower.subscribed) follower.conversation.add({ from: 'account', ...message }, this.deps.clock.now())
  }

  #signedUrl(callbackUrl: string): URL {
    const url = new URL(callbackUrl)
    const timestamp = String(Math.floor(this.deps.clock.now() / 1000))
    const nonce = String(this.deps.random(2 ** 31))
    url.searchParams.set('signature', signPush(this.account.token, timestamp, nonce))
    url.searchParams.set('timestamp', timestamp)
    url.searchParams.set('nonce', nonce)
    return url
  }

  #cutOff(): AbortSignal {
    return AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.settings.timeoutMs)])
  }
}
