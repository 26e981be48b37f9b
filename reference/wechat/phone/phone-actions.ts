import { messageCheck } from '../../contracts/contract.js'
import type * as api from '../../contracts/phone-api.js'
import { wgs84, wgs84ToGcj02 } from '../../domain/coordinates.js'
import type { PushBody } from '../push/push.js'
import type { Follower } from '../state/followers.js'
import type { WeChatState } from '../state/wechat-state.js'
import type { Datum, WeChatAccount } from '../wechat-config.js'
import { PhoneRefusal } from './phone-refusal.js'

/** One thing that a user does. */
export interface PhoneTurn {
  readonly account: WeChatAccount
  readonly follower: Follower
  readonly state: WeChatState
  readonly nowMs: number
  /** Base of the URLs that the platform gives out. */
  readonly baseUrl: string
}

/** @returns what the phone shows at once, when it does. @throws ContractViolation, PhoneRefusal */
export type PhoneAction = (turn: PhoneTurn, body: unknown) => object | void | Promise<object | void>

const schema = <T>(name: string) => messageCheck<T>('phone.openapi', name)
const check = {
  account: schema<api.AccountRequest>('AccountRequest'),
  subscribe: schema<api.SubscribeRequest>('SubscribeRequest'),
  text: schema<api.TextRequest>('TextRequest'),
  choice: schema<api.ChoiceRequest>('ChoiceRequest'),
  location: schema<api.LocationRequest>('LocationRequest'),
  position: schema<api.PositionRequest>('PositionRequest'),
  media: schema<api.MediaRequest>('MediaRequest'),
  link: schema<api.LinkRequest>('LinkRequest'),
  templates: schema<api.TemplatesRequest>('TemplatesRequest'),
  subscription: schema<api.SubscriptionRequest>('SubscriptionRequest'),
}

/** Tells the account what the user did. */
export function push({ account, follower, state }: PhoneTurn, body: PushBody): void {
  state.channels.get(account.appId)?.send(follower, body)
}

/** A message of the user's: shown in the conversation, and it opens the account's 48 hours unless it was a tap. */
function say(
  turn: PhoneTurn,
  shown: Omit<api.PhoneMessage, 'seq' | 'at' | 'from'>,
  body: PushBody,
  contact: 'message' | 'menu' = 'message',
): void {
  const { follower, nowMs } = turn
  follower.contact(contact, nowMs)
  follower.conversation.add({ from: 'user', ...shown }, nowMs)
  push(turn, body)
}

/** @throws PhoneRefusal for the way back from GCJ-02, which this system never goes (`domain/coordinates.ts`) */
function inDatum({ latitude, longitude }: api.Position, given: Datum, wanted: Datum): api.Position {
  if (given === wanted) return { latitude, longitude }
  if (wanted === 'GCJ-02') return wgs84ToGcj02(wgs84(latitude, longitude))
  const message = 'this account is told positions in WGS-84: give the position in that datum'
  throw new PhoneRefusal(400, 'datum-not-convertible', message)
}

/** A place as the account is told it: in the datum of its settings. The map on a phone shows GCJ-02. */
export const placeFor = ({ account }: PhoneTurn, { datum = 'GCJ-02', ...position }: api.PhonePosition) =>
  inDatum(position, datum, account.locationDatum ?? 'GCJ-02')

/** By a scene code the user follows, or tells the account that they scanned it. */
export function arrive(
  turn: PhoneTurn,
  scan: { readonly scene: string; readonly ticket: string } | undefined,
) {
  const { follower, nowMs } = turn
  if (!follower.subscribed) {
    follower.subscribe(nowMs, scan?.scene)
    push(turn, { kind: 'subscribe', ...(scan && { scan }) })
  } else if (scan) {
    follower.contact('scan', nowMs)
    push(turn, { kind: 'scan', ...scan })
  }
}

async function sendMedia(turn: PhoneTurn, body: unknown): Promise<void> {
  const { type, base64, recognition } = check.media(body)
  const stored = type === 'shortvideo' ? 'video' : type
  const media = await turn.state.media.add(stored, Buffer.from(base64, 'base64'))
  if ('errcode' in media) {
    throw new PhoneRefusal(400, 'request-invalid', `this is no ${type} that WeChat sends (${media.errcode})`)
  }
  const { mediaId, contentType } = media
  const shown = { kind: type === 'shortvideo' ? 'video' : type, mediaId } as const
  if (type === 'image') {
    return say(turn, shown, { kind: 'image', picUrl: `${turn.baseUrl}/mmbiz/${mediaId}`, mediaId })
  }
  if (type === 'voice') {
    const format = contentType === 'audio/amr' ? 'amr' : 'mp3'
    return say(turn, shown, { kind: 'voice', mediaId, format, ...(recognition && { recognition }) })
  }
  say(turn, shown, { kind: type, mediaId, thumbMediaId: mediaId })
}

/** What a subscriber can do, by the last part of the path. */
export const PHONE_ACTIONS: Readonly<Record<string, PhoneAction>> = {
  unsubscribe(turn, body) {
    check.account(body)
    turn.follower.unsubscribe()
    push(turn, { kind: 'unsubscribe' })
  },

  text(turn, body) {
    const { content } = check.text(body)
    say(turn, { kind: 'text', text: content }, { kind: 'text', content })
  },

  /** A choice of a menu message; it counts as a tap on the menu. */
  choice(turn, body) {
    const { seq, id } = check.choice(body)
    const choice = turn.follower.conversation.at(seq)?.choices?.find((one) => one.id === id)
    if (!choice) throw new PhoneRefusal(404, 'button-unknown', 'there is no such choice in this message')
    const { text } = choice
    say(turn, { kind: 'text', text }, { kind: 'text', content: text, menuItemId: id }, 'menu')
  },

  location(turn, body) {
    const { label, scale = 16, ...position } = check.location(body)
    say(
      turn,
      { kind: 'location', text: label },
      { kind: 'location', ...placeFor(turn, position), scale, label },
    )
  },

  /** The position that WeChat reports by itself when the user opens the conversation. */
  position(turn, body) {
    const { precisionMetres = 30, datum = 'WGS-84', ...position } = check.position(body)
    const place = inDatum(position, datum, turn.account.positionDatum ?? 'WGS-84')
    push(turn, { kind: 'position-report', ...place, precisionMetres })
  },

  media: sendMedia,

  link(turn, body) {
    const { title, description, url } = check.link(body)
    say(turn, { kind: 'link', text: title, url }, { kind: 'link', title, description, url })
  },

  templates(turn, body) {
    turn.follower.blockTemplates(check.templates(body).blocked)
  },

  /** The user's answer to the question whether the account may send a message of a template. */
  'subscribe-message'(turn, body) {
    const { templateId, status, where = 'popup' } = check.subscription(body)
    turn.follower.grant(templateId, status === 'accept')
    push(turn, { kind: `subscribe_msg_${where}_event`, choice: { templateId, status } })
  },
}

export const checkSubscribe = check.subscribe
