import { XmlRefused } from '../../wechat-wire/strict-xml.js'
import { heldBack, type Faults } from '../faults/faults.js'
import { randomText } from '../random-text.js'
import type { Follower } from '../state/followers.js'
import type { MediaStore } from '../state/media-store.js'
import type { WeChatAccount, WeChatPlatformDeps } from '../wechat-config.js'
import { CallbackRefused } from './callback-refused.js'
import { readPassiveReply } from './passive-reply.js'
import { PushCaller, pushTarget, type PushAnswer, type PushTarget } from './post-push.js'
import { PushSealing } from './push-sealing.js'
import { isMessage, isSilent, pushFields, type Push, type PushBody } from './push.js'
import { SERVICE_FAILED, shownMessages } from './shown-reply.js'

export interface PushSettings {
  /** Wall time. */
  readonly timeoutMs: number
  /** Deliveries of an unanswered push in all. */
  readonly deliveries: number
}

export interface PushChannelDeps extends Omit<WeChatPlatformDeps, 'store'> {
  readonly faults: Faults
  readonly media: MediaStore
  committed(): Promise<void>
}

/** Articles that may answer an event; a message takes one. */
const MAX_EVENT_ARTICLES = 8

const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

interface Parcel {
  readonly follower: Follower
  readonly push: Push
}

/** Pushes of one account to its server: verified first, cut off, delivered again, answers judged. */
export class PushChannel {
  #callbackUrl: string | undefined
  #target: PushTarget | undefined
  #verified: Promise<void> | undefined
  /** Pushes that a fault holds until it has all that it will deliver in the wrong order. */
  #held: Parcel[] = []
  readonly #caller: PushCaller
  readonly #sealing: PushSealing
  readonly #closing = new AbortController()
  readonly #outstanding = new Set<Promise<void>>()

  /** @throws AesKeyInvalid */
  constructor(
    readonly account: WeChatAccount,
    private readonly settings: PushSettings,
    private readonly deps: PushChannelDeps,
  ) {
    this.#setCallback(account.callbackUrl)
    this.#caller = new PushCaller(settings.timeoutMs)
    this.#sealing = new PushSealing(account.token, account.mode ?? 'plain', account.appId, account.aesKey)
  }

  /** Takes another server into use, as saving the server settings in the console does. @throws CallbackRefused */
  async connectCallback(url: string): Promise<void> {
    this.#setCallback(url)
    this.#verified = undefined
    await this.#verify()
  }

  #setCallback(url: string | undefined): void {
    this.#callbackUrl = url
    this.#target = url === undefined ? undefined : pushTarget(url)
  }

  /** Sends a push on its way; the conversation shows what comes of it. */
  send(follower: Follower, body: PushBody): void {
    const { clock, random, faults } = this.deps
    const push: Push = {
      to: this.account.originalId,
      from: follower.openid,
      createTime: Math.floor(clock.now() / 1000),
      body,
      // beyond 2^53, as the platform's are: who reads it as a number loses digits
      ...(isMessage(body) && { msgId: String((1n << 62n) + BigInt(random(2 ** 47)) * 2n ** 14n + 1n) }),
    }
    const parcel = { follower, push }
    const { reorderPushes } = faults.settings
    if (reorderPushes < 2) return this.#dispatch([parcel])
    this.#held.push(parcel)
    if (this.#held.length < reorderPushes) return
    faults.set({ ...faults.settings, reorderPushes: 0 })
    this.releaseHeld()
  }

  /** Delivers what a fault has held, last first. */
  releaseHeld(): void {
    const held = this.#held.reverse()
    this.#held = []
    this.#dispatch(held)
  }

  /** Resolves when no push is on its way. */
  async settled(): Promise<void> {
    while (this.#outstanding.size > 0) await Promise.all(this.#outstanding)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#caller.close()
    await this.settled()
  }

  #dispatch(parcels: readonly Parcel[]): void {
    const deliverAll = async () => {
      for (const { follower, push } of parcels) await this.#deliver(follower, push)
      await this.deps.committed()
    }
    const work = deliverAll()
      .catch((error: unknown) => this.deps.log.record('push-failed', { reason: reason(error) }))
      .finally(() => this.#outstanding.delete(work))
    this.#outstanding.add(work)
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
    if (!this.#callbackUrl || !this.#target)
      throw new CallbackRefused(appId, '(none)', 'no callback URL is set')
    const echostr = randomText(19, this.deps.random)
    const query = { ...this.#sealing.signed(...this.#stamp()), echostr }
    let answer: PushAnswer
    try {
      answer = await this.#caller.call(this.#target, query, undefined)
    } catch (cause) {
      throw new CallbackRefused(appId, this.#callbackUrl, reason(cause), { cause })
    }
    if (answer.status !== 200) throw new CallbackRefused(appId, this.#callbackUrl, `HTTP ${answer.status}`)
    if (answer.body?.toString('utf8') !== echostr) {
      throw new CallbackRefused(appId, this.#callbackUrl, 'it did not echo echostr')
    }
    this.deps.log.record('callback-verified', { appId })
  }

  async #deliver(follower: Follower, push: Push): Promise<void> {
    const { log, faults } = this.deps
    const correlationId = push.msgId === undefined ? undefined : `wx-${push.msgId}`
    const { appId } = this.account
    if (faults.losesPush()) return log.record('push-lost', { appId, kind: push.body.kind }, correlationId)
    try {
      await this.#verify()
    } catch (error) {
      log.record('callback-refused', { appId, reason: reason(error) }, correlationId)
      this.#showFailure(follower, push)
      return
    }
    let answered = false
    for (let delivery = 1; delivery <= this.settings.deliveries && !answered; delivery++) {
      try {
        const answer = await this.#post(follower, push)
        answered = true
        log.record('push-answered', { appId, kind: push.body.kind, delivery }, correlationId)
        this.#showReply(follower, push, answer, correlationId)
      } catch (error) {
        log.record('push-unanswered', { appId, delivery, reason: reason(error) }, correlationId)
        if (this.#closing.signal.aborted) return
      }
    }
    if (!answered) this.#showFailure(follower, push)
    for (let copy = 2; answered && copy <= faults.settings.repeatDeliveries; copy++) {
      // the answer to a copy is not looked at: the user has seen one
      const outcome = await this.#post(follower, push).then(
        () => 'answered',
        (error: unknown) => reason(error),
      )
      log.record('push-repeated', { appId, copy, outcome }, correlationId)
      if (this.#closing.signal.aborted) return
    }
  }

  /** An HTTP error is an answer too, and no good one. @throws PushTimedOut, and what the connection throws */
  async #post(follower: Follower, push: Push): Promise<PushAnswer> {
    const { pushDelayMs } = this.deps.faults.settings
    if (pushDelayMs > 0) await heldBack(pushDelayMs, this.#closing.signal)
    if (!this.#target) throw new CallbackRefused(this.account.appId, '(none)', 'no callback URL is set')
    const { query, body } = this.#sealing.seal(pushFields(push), ...this.#stamp())
    return await this.#caller.call(this.#target, { ...query, openid: follower.openid }, body)
  }

  #showReply(follower: Follower, push: Push, answer: PushAnswer, correlationId: string | undefined): void {
    const reply = this.#judge(push, answer)
    if (!('refused' in reply)) {
      for (const message of shownMessages(reply)) this.#show(follower, message)
      return
    }
    const { appId } = this.account
    this.deps.log.record('passive-reply-refused', { appId, reason: reply.refused }, correlationId)
    this.#showFailure(follower, push)
  }

  #judge(push: Push, { status, body }: PushAnswer) {
    if (status !== 200) return { refused: `HTTP ${status}` }
    if (!body) return { refused: 'xml-too-large' as const }
    try {
      // bytes that are no UTF-8 are refused where XML is read
      const opened = this.#sealing.open(new TextDecoder('utf-8', { fatal: true }).decode(body))
      if (typeof opened !== 'string') return opened
      return readPassiveReply(opened, {
        to: push.from,
        from: push.to,
        maxArticles: push.body.kind === 'position-report' ? 0 : isMessage(push.body) ? 1 : MAX_EVENT_ARTICLES,
        hasMedia: (mediaId) => this.deps.media.has(mediaId),
      })
    } catch (error) {
      if (error instanceof XmlRefused) return { refused: error.reason }
      return { refused: 'xml-not-utf8' as const }
    }
  }

  #showFailure(follower: Follower, push: Push): void {
    if (!isSilent(push.body)) this.#show(follower, { kind: 'notice', text: SERVICE_FAILED })
  }

  #show(follower: Follower, message: ReturnType<typeof shownMessages>[number]): void {
    // who has left sees nothing more
    if (follower.subscribed) follower.conversation.add({ from: 'account', ...message }, this.deps.clock.now())
  }

  #stamp(): [timestamp: string, nonce: string] {
    return [String(Math.floor(this.deps.clock.now() / 1000)), String(this.deps.random(2 ** 31))]
  }
}
