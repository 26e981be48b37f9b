import { randomInt } from 'node:crypto'
import { Agent, request, type IncomingMessage } from 'node:http'
import { readPassiveReply } from '../../../reference/wechat/push/passive-reply.js'
import { pushFields } from '../../../reference/wechat/push/push.js'
import { PushSealing } from '../../../reference/wechat/push/push-sealing.js'
import { shownMessages } from '../../../reference/wechat/push/shown-reply.js'
import { ACCOUNT, type Order } from './orders.js'

interface Said {
  readonly from: 'user' | 'account'
  readonly kind: string
  readonly text?: string
}

/** What a peer does with a phone's text. */
export interface PushHandler {
  /** Passes a text of a user to the account's server. */
  send(openid: string, content: string): void
  conversation(openid: string): readonly Said[]
  /** Resolves when no push is on its way. */
  settled(): Promise<void>
  close(): void
}

/**
 * The mock's handler of a text without the mock: the push is signed and, in safe mode, encrypted; the reply is opened
 * and judged; both stand in the conversation, in memory. No store, no windows, no contract, no faults, no second delivery.
 */
export class SameHandler implements PushHandler {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #sealing: PushSealing
  readonly #conversations = new Map<string, Said[]>()
  readonly #underway = new Set<Promise<void>>()

  constructor(
    mode: Order['mode'],
    private readonly callbackUrl: string,
  ) {
    this.#sealing = new PushSealing(ACCOUNT.token, mode, ACCOUNT.appId, ACCOUNT.aesKey)
  }

  send(openid: string, content: string): void {
    this.#say(openid, { from: 'user', kind: 'text', text: content })
    const work = this.#push(openid, content).finally(() => this.#underway.delete(work))
    this.#underway.add(work)
  }

  conversation(openid: string): readonly Said[] {
    return this.#conversations.get(openid) ?? []
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underway)
  }

  close(): void {
    this.#agent.destroy()
  }

  async #push(openid: string, content: string): Promise<void> {
    const createTime = Math.floor(Date.now() / 1000)
    const body = { kind: 'text', content } as const
    const msgId = String((1n << 62n) + BigInt(randomInt(2 ** 47)))
    const push = { to: ACCOUNT.originalId, from: openid, createTime, msgId, body }
    const sealed = this.#sealing.seal(pushFields(push), String(createTime), String(randomInt(2 ** 31)))
    const answer = await this.#post({ ...sealed.query, openid }, sealed.body)
    const opened = this.#sealing.open(answer)
    if (typeof opened !== 'string') throw new Error(`a reply was refused: ${opened.refused}`)
    const context = { to: openid, from: ACCOUNT.originalId, maxArticles: 1, hasMedia: () => false }
    const reply = readPassiveReply(opened, context)
    if ('refused' in reply) throw new Error(`a reply was refused: ${reply.refused}`)
    for (const message of shownMessages(reply)) this.#say(openid, { from: 'account', ...message })
  }

  #post(query: Record<string, string>, body: string): Promise<string> {
    const url = new URL(this.callbackUrl)
    url.search = new URLSearchParams(query).toString()
    const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) }
    return new Promise((resolve, reject) => {
      const answered = (response: IncomingMessage) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
      }
      request(url, { method: 'POST', agent: this.#agent, headers }, answered).once('error', reject).end(body)
    })
  }

  #say(openid: string, said: Said): void {
    const conversation = this.#conversations.get(openid) ?? []
    conversation.push(said)
    this.#conversations.set(openid, conversation)
  }
}
