import type { Symbology } from '../domain/unlock-code.js'
import type { EventLog } from '../ports/event-log.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'
import { Dispatcher } from '../sql/dispatcher.js'
import {
  pendingMessages,
  postMessage,
  removeMessages,
  type CloudMessage,
  type UserNews,
} from './cloud-outbox.js'
import { drawCode } from './code-picture.js'
import { HeldPushes } from './held-pushes.js'
import type { Answer } from './passive-reply.js'
import type { WeChatClient } from './wechat-client.js'
import { WeChatApiError } from './wechat-errors.js'

/** Calls to WeChat at the same moment. */
const CONCURRENCY = 32
/** Wait before a store that could not be read or written is tried again, milliseconds of wall time. */
const RETRY_MS = 250

export interface OutgoingMessagesDeps {
  readonly sql: SqlStore
  readonly wechat: WeChatClient
  readonly log: EventLog
  /** Whether it is for this instance to send. */
  readonly onDuty: () => boolean
  /** What other instances are answering. */
  readonly heldPushes: HeldPushes
}

/**
 * Customer-service messages: to each user in the order in which they were said, whatever each takes. A message is
 * committed before it is sent and forgotten afterwards, so that one whose cloud dies in between goes out from the next
 * that is on duty; if it had gone out already, the user sees it twice. WeChat has no key by which it would know a
 * repetition, so this is the best that can be had, and it is bounded: a death repeats at most one message to each user,
 * the one that was on its way.
 */
export class OutgoingMessages {
  readonly #posting = new Set<Promise<void>>()
  readonly #dispatcher: Dispatcher<CloudMessage<UserNews>>

  constructor(private readonly deps: OutgoingMessagesDeps) {
    const { sql, log, onDuty, heldPushes } = deps
    this.#dispatcher = new Dispatcher<CloudMessage<UserNews>>({
      name: 'message',
      store: sql,
      log,
      onDuty,
      concurrency: CONCURRENCY,
      pending: async (from, page) => {
        const messages = await pendingMessages(from, 'wechat', page)
        // A push is held before anything follows from it, so whoever has read what follows finds it.
        if (messages.length > 0) await heldPushes.look((openid, until) => this.holdUntil(openid, until))
        return messages
      },
      deliver: async (message) => {
        await this.#deliver(message)
        return 'done'
      },
      remove: removeMessages,
      retryMs: () => RETRY_MS,
    })
  }

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
  post(session: SqlSession, openid: string, news: UserNews, correlationId: string): Promise<void> {
    return postMessage(session, 'wechat', openid, news, correlationId)
  }

  /** Sends what the outbox holds, and resolves when all of it is in its user's queue. */
  kick(): Promise<void> {
    return this.#dispatcher.kick()
  }

  /** To be called often: messages to users whose push another instance has answered go out. */
  look(): void {
    const { heldPushes } = this.deps
    if (heldPushes.any) void heldPushes.look((openid, until) => this.holdUntil(openid, until))
  }

  /** Another instance sends from now on what is not under way here. */
  letGo(): void {
    this.#dispatcher.letGo()
  }

  /** Later messages to this user wait: so that none overtakes the answer to a push. */
  holdUntil(openid: string, answered: Promise<void>): void {
    this.#dispatcher.hold(openid, answered)
  }

  /** Resolves when everything said so far has gone out or failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#posting)
    await this.#dispatcher.settled()
  }

  /** What is not under way stays in the outbox. */
  async close(): Promise<void> {
    await Promise.all(this.#posting)
    this.deps.heldPushes.close()
    await this.#dispatcher.close()
  }

  #say(openid: string, news: UserNews, correlationId: string): void {
    const posting = this.deps.sql
      .transaction((session) => this.post(session, openid, news, correlationId))
      .then(() => this.kick())
      .catch((error: unknown) => this.#notSent(openid, news, correlationId, error))
      .finally(() => this.#posting.delete(posting))
    this.#posting.add(posting)
  }

  async #deliver({ key: openid, payload: news, correlationId }: CloudMessage<UserNews>): Promise<void> {
    try {
      await this.#send(openid, news, correlationId)
      this.deps.log.record('message-sent', { kind: news.kind, openid }, correlationId)
    } catch (error) {
      this.#notSent(openid, news, correlationId, error)
    }
  }

  async #send(openid: string, news: UserNews, correlationId: string): Promise<void> {
    const { wechat } = this.deps
    if (news.kind === 'text') {
      const { content } = news
      await wechat.sendMessage(openid, { msgtype: 'text', text: { content } }, correlationId)
      return
    }
    if (news.kind === 'card') {
      const { card } = news
      await wechat.sendMessage(openid, { msgtype: 'news', news: { articles: [card] } }, correlationId)
      return
    }
    const picture = await drawCode(news.code, news.symbology)
    const media_id = await wechat.uploadImage(picture, correlationId)
    await wechat.sendMessage(openid, { msgtype: 'image', image: { media_id } }, correlationId)
  }

  /** 45015 and 45047: the account may not write to the user now; nothing heals that but the user. */
  #notSent(openid: string, { kind }: UserNews, correlationId: string, error: unknown): void {
    const errcode = error instanceof WeChatApiError ? error.errcode : undefined
    const reason = error instanceof Error ? error.message : String(error)
    this.deps.log.record('message-not-sent', { kind, openid, errcode, reason }, correlationId)
  }
}
