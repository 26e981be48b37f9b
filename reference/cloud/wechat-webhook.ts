import express, { type Request, type Response, type Router } from 'express'
import type { FailureLimit } from '../failure-limit.js'
import { sourceOf } from '../http/request-source.js'
import type { Clock } from '../ports/clock.js'
import type { EventLog } from '../ports/event-log.js'
import type { RotatingSecret } from '../same-secret.js'
import { MAX_XML_BYTES } from '../wechat-wire/strict-xml.js'
import type { CloudStore } from './cloud-store.js'
import type { Conversation } from './conversation.js'
import type { OutgoingMessages } from './outgoing-messages.js'
import { languageOf, PHRASES, type Phrases } from './phrases.js'
import { passiveReply, type Answer } from './passive-reply.js'
import { MalformedPush, type PushMessage } from './push-message.js'
import { PushNotOpened, type OpenedPush, type PushOpening } from './push-opening.js'
import { judgePushSignature, lastUseMs, type SignedPush } from './signatures.js'

export interface WeChatWebhookConfig {
  readonly token: RotatingSecret
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
  readonly opening: PushOpening
  readonly failures: FailureLimit
}

function queryText(request: Request, name: string): string {
  const value = request.query[name]
  return typeof value === 'string' ? value : ''
}

const signedBy = (request: Request): SignedPush => ({
  signature: queryText(request, 'signature'),
  timestamp: queryText(request, 'timestamp'),
  nonce: queryText(request, 'nonce'),
})

/** In place of a push's key: no push has one without a colon or digits. */
const VERIFICATION = 'verification'

/** In place of a reply: the push is not WeChat's. */
const REFUSED = Symbol('refused')
type Reply = string | typeof REFUSED

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/**
 * Where WeChat pushes to. Every push is answered well within WeChat's 5 s: with what the account has to say if that is
 * known in time, else with a word that it is in hand, and the rest comes as a customer-service message. A repeated
 * delivery gets the first one's answer and does nothing.
 */
export function wechatWebhook(config: WeChatWebhookConfig, deps: WeChatWebhookDeps): Router {
  const { clock, log, store, conversation, messages, opening, failures } = deps
  /** A repetition that comes meanwhile waits for the answer of the first. */
  const inHand = new Map<string, Promise<Reply>>()
  const router = express.Router()

  router.use(async (request, response, next) => {
    const push = signedBy(request)
    const verdict = judgePushSignature(push, config.token, clock.now(), config.replayWindowSeconds)
    if (verdict === 'good') return next()
    if (!(await failures.lets(request))) {
      response.status(429).end()
      return
    }
    log.record('push-refused', { source: sourceOf(request), reason: verdict })
    response.status(403).type('text/plain').send(verdict)
  })

  router.get('/', async (request, response) => {
    // Else the signature of a verification would be good for a push that somebody writes.
    if (!(await isIts(signedBy(request), { key: VERIFICATION, correlationId: VERIFICATION }))) {
      return void response.status(403).type('text/plain').send('signature-used')
    }
    response.type('text/plain').send(queryText(request, 'echostr'))
  })

  /** Whether the signature has not come with another push before: one that was caught makes no push good. */
  async function isIts(
    push: SignedPush,
    { key, correlationId }: Pick<PushMessage, 'key' | 'correlationId'>,
  ): Promise<boolean> {
    if (opening.coversBody) return true
    const nowMs = clock.now()
    // Of either side of now: a timestamp may be ahead.
    const oldestMs = nowMs - 2 * config.replayWindowSeconds * 1_000
    if (await store.tieSignature(push.signature, key, lastUseMs(push, nowMs), oldestMs)) return true
    log.record('push-refused', { reason: 'signature-used' }, correlationId)
    return false
  }

  /**
   * Does what a push asks for, if it has not been done: the answer as XML, or `success`.
   * @param late whether WeChat has been told in the meantime that it is in hand; then the answer goes out by itself
   */
  async function work(
    push: PushMessage,
    signature: SignedPush,
    words: Phrases,
    late: () => boolean,
  ): Promise<Reply> {
    const { key, openid, correlationId, content } = push
    let answer: Answer | undefined
    try {
      if (!(await isIts(signature, push))) return REFUSED
      if (!(await store.takePush(key, openid))) {
        log.record('push-repeated', { kind: content.kind }, correlationId)
        return (await store.replyTo(key)) ?? 'success'
      }
      log.record('push-taken', { kind: content.kind, openid }, correlationId)
      answer = await conversation.answer(push)
    } catch (error) {
      log.record('conversation-failed', { reason: reasonOf(error) }, correlationId)
      answer = words.trouble
    }
    if (answer === undefined) return 'success'
    if (late()) messages.say(openid, answer, correlationId)
    return passiveReply(openid, push.to, answer, clock.now())
  }

  /** What WeChat is told: never later than `passiveReplyMs`, whatever the store or the platform are doing. */
  async function answerInTime(push: PushMessage, signature: SignedPush): Promise<Reply> {
    const { openid, content } = push
    const language = content.kind === 'text' ? languageOf(content.content) : undefined
    const words = PHRASES[language ?? 'zh']
    let late = false
    let timer: NodeJS.Timeout | undefined
    const worked = work(push, signature, words, () => late)
    const deadline = new Promise<string>((resolve) => {
      timer = setTimeout(() => {
        late = true
        resolve(passiveReply(openid, push.to, words.working, clock.now()))
      }, config.passiveReplyMs)
    })
    const reply = await Promise.race([worked, deadline])
    clearTimeout(timer)
    return reply
  }

  async function take(push: PushMessage, signature: SignedPush, response: Response): Promise<Reply> {
    const { key, openid, correlationId, content } = push
    const underway = inHand.get(key)
    if (underway) {
      log.record('push-repeated', { kind: content.kind }, correlationId)
      return await underway
    }
    const isThere = new Promise<void>((resolve) => {
      if (response.closed) resolve()
      else response.once('close', resolve)
    })
    // Later messages to the user wait until WeChat has the answer.
    messages.holdUntil(openid, isThere)
    const answered = answerInTime(push, signature)
    inHand.set(key, answered)
    const reply = await answered
    if (reply === REFUSED) {
      inHand.delete(key)
      return reply
    }
    // Kept for a repetition that comes later, and lets messages go that other instances have for the user.
    isThere
      .then(() => store.rememberReply(key, reply))
      .catch((error: unknown) => log.record('reply-not-kept', { reason: reasonOf(error) }, correlationId))
      .finally(() => inHand.delete(key))
      .catch(() => undefined)
    return reply
  }

  router.post('/', express.raw({ type: () => true, limit: MAX_XML_BYTES }), async (request, response) => {
    let opened: OpenedPush
    const [timestamp, nonce] = [queryText(request, 'timestamp'), queryText(request, 'nonce')]
    try {
      const body: unknown = request.body
      opened = opening.open(Buffer.isBuffer(body) ? body : Buffer.alloc(0), {
        timestamp,
        nonce,
        encryptType: queryText(request, 'encrypt_type'),
        messageSignature: queryText(request, 'msg_signature'),
      })
      if (config.originalId !== undefined && opened.push.to !== config.originalId) {
        throw new MalformedPush('it is for another account')
      }
    } catch (error) {
      if (!(error instanceof MalformedPush || error instanceof PushNotOpened)) throw error
      log.record('push-refused', { source: sourceOf(request), reason: error.message })
      const forged = error instanceof PushNotOpened
      response
        .status(forged ? 403 : 400)
        .type('text/plain')
        .send(forged ? 'not opened' : 'not a push')
      return
    }
    const taken = await take(opened.push, signedBy(request), response)
    if (taken === REFUSED) return void response.status(403).type('text/plain').send('signature-used')
    const reply = opened.close(taken)
    response.type(reply === 'success' ? 'text/plain' : 'application/xml').send(reply)
  })
  return router
}
