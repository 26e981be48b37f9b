import type { Symbology } from '../domain/unlock-code.js'
import type { EventLog } from '../ports/event-log.js'
import { drawCode } from './code-picture.js'
import type { Answer } from './passive-reply.js'
import type { WeChatClient } from './wechat-client.js'
import { WeChatApiError } from './wechat-errors.js'

/** Customer-service messages: to each user in the order in which they were said, whatever each takes. */
export class OutgoingMessages {
  readonly #tails = new Map<string, Promise<void>>()

  constructor(
    private readonly wechat: WeChatClient,
    private readonly log: EventLog,
  ) {}

  sendText(openid: string, content: string, correlationId: string): void {
    this.#enqueue(openid, 'text', correlationId, () =>
      this.wechat.sendMessage(openid, { msgtype: 'text', text: { content } }, correlationId),
    )
  }

  /** What came too late to answer a push. */
  say(openid: string, answer: Answer, correlationId: string): void {
    if (typeof answer === 'string') return this.sendText(openid, answer, correlationId)
    const news = { articles: [answer] } as const
    this.#enqueue(openid, 'card', correlationId, () =>
      this.wechat.sendMessage(openid, { msgtype: 'news', news }, correlationId),
    )
  }

  sendCode(openid: string, code: string, symbology: Symbology, correlationId: string): void {
    this.#enqueue(openid, 'code', correlationId, async () => {
      const media_id = await this.wechat.uploadImage(await drawCode(code, symbology), correlationId)
      await this.wechat.sendMessage(openid, { msgtype: 'image', image: { media_id } }, correlationId)
    })
  }

  /** Later messages to this user wait: so that none overtakes the answer to a push. */
  holdUntil(openid: string, answered: Promise<void>): void {
    this.#append(openid, () => answered)
  }

  /** Resolves when everything said so far has gone out or failed. */
  async settled(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values())
  }

  #enqueue(openid: string, kind: string, correlationId: string, send: () => Promise<void>): void {
    this.#append(openid, async () => {
      try {
        await send()
        this.log.record('message-sent', { kind, openid }, correlationId)
      } catch (error) {
        // 45015 and 45047: the account may not write to the user now; nothing heals that but the user
        const errcode = error instanceof WeChatApiError ? error.errcode : undefined
        const reason = error instanceof Error ? error.message : String(error)
        this.log.record('message-not-sent', { kind, openid, errcode, reason }, correlationId)
      }
    })
  }

  #append(openid: string, task: () => Promise<void>): void {
    const tail = (this.#tails.get(openid) ?? Promise.resolve()).then(task).finally(() => {
      if (this.#tails.get(openid) === tail) this.#tails.delete(openid)
    })
    this.#tails.set(openid, tail)
  }
}
