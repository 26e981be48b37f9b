import express, { type Request, type Response, type Router } from 'express'
import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import type { CloudStore } from './cloud-store.js'
import type { Conversation } from './conversation.js'
import type { OutgoingMessages } from './outgoing-messages.js'
import { languageOf, PHRASES } from './phrases.js'
import { MalformedPush, readPush, textReply, type PushMessage } from './push-message.js'
import { judgePushSignature } from './signatures.js'

export interface WeChatWebhookConfig {
  readonly token: string
  readonly originalId: string | undefined
  readonly replayWindowSeconds: number
  readonly passiveReplyMs: number
}

export interface WeChatWebhookDeps {
  readonly clock: Clock
  readonly log: EventLog
  readonly store: CloudStore
  readonly conversation: Conversation
  readonly messages: OutgoingMessages
}

function queryText(request: Request, name: string): string {
  const value = request.query[name]
  return typeof value === 'string' ? value : ''
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/**
 * Where WeChat pushes to. Every push is answered well within WeChat's 5 s: with what the account has to say if that is
 * known in time, else with a word that it is in hand, and the rest comes as a customer-service message. A repeated
 * delivery gets the first one's answer and does nothing.
 */
export function wechatWebhook(config: WeChatWebhookConfig, deps: WeChatWebhookDeps): Router {
  const { clock, log, store, conversation, messages } = deps
  /** A repetition that comes meanwhile waits for the answer of the first. */
  const inHand = new Map<string, Promise<string>>()
  const router = express.Router()

  router.use((request, response, next) => {
    const push = {
      signature: queryText(request, 'signature'),
      timestamp: queryText(request, 'timestamp'),
      nonce: queryText(request, 'nonce'),
    }
    const verdict = judgePushSignature(push, config.token, clock.now(), config.replayWindowSeconds)
    if (verdict === 'good') return next()
    log.record('push-refused', { reason: verdict })
    response.status(403).type('text/plain').send(verdict)
  })

  router.get('/', (request, response) => {
    response.type('text/plain').send(queryText(request, 'echostr'))
  })

  /** The answer to a push, and what of it came too late goes out by itself. */
  async function answer(push: PushMessage, response: Response): Promise<string> {
    const { openid, correlationId } = push
    messages.holdUntil(
      openid,
      new Promise((resolve) => {
        if (response.closed) resolve()
        else response.once('close', resolve)
      }),
    )
    const language = push.content.kind === 'text' ? languageOf(push.content.content) : undefined
    const words = PHRASES[language ?? 'zh']
    let late = false
    const worked = conversation
      .answer(push)
      .catch((error: unknown) => {
        log.record('conversation-failed', { reason: reasonOf(error) }, correlationId)
        return words.trouble
      })
      .then((text) => {
        if (late && text !== undefined) messages.sendText(openid, text, correlationId)
        return text
      })
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<string>((resolve) => {
      timer = setTimeout(() => {
        late = true
        resolve(words.working)
      }, config.passiveReplyMs)
    })
    const text = await Promise.race([worked, deadline])
    clearTimeout(timer)
    if (text === undefined) return 'success'
    return textReply(openid, push.to, text, clock.now())
  }

  async function take(push: PushMessage, response: Response): Promise<string> {
    const { key, correlationId } = push
    const underway = inHand.get(key)
    if (underway) {
      log.record('push-repeated', { kind: push.content.kind }, correlationId)
      return await underway
    }
    if (!(await store.takePush(key))) {
      log.record('push-repeated', { kind: push.content.kind }, correlationId)
      return (await store.replyTo(key)) ?? 'success'
    }
    log.record('push-taken', { kind: push.content.kind, openid: push.openid }, correlationId)
    const answered = answer(push, response)
    inHand.set(key, answered)
    try {
      const reply = await answered
      await store.rememberReply(key, reply)
      return reply
    } finally {
      inHand.delete(key)
    }
  }

  router.post('/', express.raw({ type: () => true, limit: '64kb' }), async (request, response) => {
    let push: PushMessage
    try {
      const body: unknown = request.body
      push = readPush(Buffer.isBuffer(body) ? body.toString('utf8') : '')
      if (config.originalId !== undefined && push.to !== config.originalId) {
        throw new MalformedPush('it is for another account')
      }
    } catch (error) {
      if (!(error instanceof MalformedPush)) throw error
      log.record('push-refused', { reason: error.message })
      response.status(400).type('text/plain').send('not a push')
      return
    }
    const reply = await take(push, response)
    response.type(reply === 'success' ? 'text/plain' : 'application/xml').send(reply)
  })
  return router
}
