import type { Symbology } from '../domain/unlock-code.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlTransaction, SqlStore } from '../ports/sql-store.js'
import {
  pendingMessages,
  postMessage,
  removeMessage,
  type CloudMessage,
  type UserNews,
} from './cloud-outbox.js'
import { drawCode } from './code-picture.js'
import type { Answer } from './passive-reply.js'
import type { WeChatClient } from './wechat-client.js'
import { WeChatApiError } from './wechat-errors.js'

/**
 * Customer-service messages: to each user in the order in which they were said, whatever each takes. A message is
 * committed before it is sent and forgotten afterwards, so that one whose cloud dies in between goes out from the next
 * that is on duty; if it had gone out already, the user sees it twice. WeChat has no key by which it would know a
 * repetition, so this is the best that can be had, and it is bounded: a death repeats at most one message to each user,
 * the one that was on its way.
 */
export class OutgoingMessages {
  readonly #tails = new Map<string, Promise<void>>()
  readonly #posting = new Set<Promise<void>>()
  /** Of those queued here. */
  readonly #inHand = new Set<number>()
  /** Sent, and in the outbox still. */
  readonly #unforgotten = new Set<number>()
  #taken = 0
  #looking: Promise<void> = Promise.resolve()

  constructor(
    private readonly sql: SqlStore,
    private readonly wechat: WeChatClient,
    private readonly log: EventLog,
    /** Whether it is for this instance to send. */
    private readonly onDuty: () => boolean,
  ) {}

  sendText(openid: string, content: string, correlationId: string): void {
    this.#say(openid, { kind: 'text', content }, correlationId)
  }

  /** What came too late to answer a push. */
  say(openid: string, answer: Answer, correlationId: string): void {
    if (typeof answer === 'string') return this.sendText(openid, answer, correlationId)
    this.#say(openid, { kind: 'card', card: answer }, correlationId)
  }

  sendCode(openid: string, code: string, symbology: Symbology, correlationId: string): void {
    this.#say(openid, { kind: 'code', code, symbology }, correlationId)
  }

  /** Commits a message with the state of the caller's transaction; `kick` sends it after that. */
  post(session: SqlTransaction, openid: string, news: UserNews, correlationId: string): void {
    postMessage(session, 'wechat', openid, news, correlationId)
  }

  /** Sends what the outbox holds, and resolves when all of it is in its user's queue. */
  kick(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#takeAll())
      .catch((error: unknown) => {
        // What was committed stays there for the next look.
        this.log.record('outbox-unreadable', {
          reason: error instanceof Error ? error.message : String(error),
        })
      })
    return this.#looking
  }

  /** Another instance sends from now on what is not under way here. */
  letGo(): void {
    this.#taken = 0
  }

  /**
   * Later messages to this user wait: so that none overtakes the answer to a push. Of several instances this binds the
   * one that answers the push; another one that is on duty may be quicker.
   */
  holdUntil(openid: string, answered: Promise<void>): void {
    this.#append(openid, () => answered)
  }

  /** Resolves when everything said so far has gone out or failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#posting)
    await this.#looking
    while (this.#tails.size > 0) await Promise.all(this.#tails.values())
  }

  #say(openid: string, news: UserNews, correlationId: string): void {
    const posting = this.sql
      .transaction(async (session) => this.post(session, openid, news, correlationId))
      .then(() => this.kick())
      .catch((error: unknown) => this.#notSent(openid, news, correlationId, error))
      .finally(() => this.#posting.delete(posting))
    this.#posting.add(posting)
  }

  async #takeAll(): Promise<void> {
    await this.#forget()
    while (this.onDuty()) {
      const batch = await pendingMessages(this.sql, 'wechat', this.#taken)
      if (batch.length === 0 || !this.onDuty()) return
      for (const message of batch) {
        const { sequence, recipient } = message
        this.#taken = sequence
        if (this.#inHand.has(sequence) || this.#unforgotten.has(sequence)) continue
        this.#inHand.add(sequence)
        this.#append(recipient, () => this.#deliver(message).finally(() => this.#inHand.delete(sequence)))
      }
    }
  }

  async #deliver(message: CloudMessage<UserNews>): Promise<void> {
    const { recipient: openid, payload: news, correlationId } = message
    if (!this.onDuty()) return
    try {
      await this.#send(openid, news, correlationId)
      this.log.record('message-sent', { kind: news.kind, openid }, correlationId)
    } catch (error) {
      this.#notSent(openid, news, correlationId, error)
    }
    this.#unforgotten.add(message.sequence)
    await this.#forget()
  }

  /** A store that cannot forget now is asked again at every look: else the user would see the message twice one day. */
  async #forget(): Promise<void> {
    for (const sequence of this.#unforgotten) {
      try {
        await removeMessage(this.sql, { sequence })
        this.#unforgotten.delete(sequence)
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        this.log.record('message-not-forgotten', { reason })
        return
      }
    }
  }

  async #send(openid: string, news: UserNews, correlationId: string): Promise<void> {
    if (news.kind === 'text') {
      const { content } = news
      await this.wechat.sendMessage(openid, { msgtype: 'text', text: { content } }, correlationId)
      return
    }
    if (news.kind === 'card') {
      const { card } = news
      await this.wechat.sendMessage(openid, { msgtype: 'news', news: { articles: [card] } }, correlationId)
      return
    }
    const picture = await drawCode(news.code, news.symbology)
    const media_id = await this.wechat.uploadImage(picture, correlationId)
    await this.wechat.sendMessage(openid, { msgtype: 'image', image: { media_id } }, correlationId)
  }

  /** 45015 and 45047: the account may not write to the user now; nothing heals that but the user. */
  #notSent(openid: string, { kind }: UserNews, correlationId: string, error: unknown): void {
    const errcode = error instanceof WeChatApiError ? error.errcode : undefined
    const reason = error instanceof Error ? error.message : String(error)
    this.log.record('message-not-sent', { kind, openid, errcode, reason }, correlationId)
  }

  #append(openid: string, task: () => Promise<void>): void {
    const tail = (this.#tails.get(openid) ?? Promise.resolve()).then(task).finally(() => {
      if (this.#tails.get(openid) === tail) this.#tails.delete(openid)
    })
    this.#tails.set(openid, tail)
  }
}
