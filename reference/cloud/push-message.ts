import { createHash } from 'node:crypto'
import { readXml, textOf, XmlRefused, type XmlFields } from '../wechat-wire/strict-xml.js'

/** What a user did, as WeChat pushes it. */
export type PushContent =
  | { readonly kind: 'text'; readonly content: string }
  | {
      readonly kind: 'location'
      /** Degrees, in the datum of WeChat's map. */
      readonly latitude: number
      readonly longitude: number
      readonly label: string
    }
  | { readonly kind: 'follow' | 'scan'; readonly scene: string | undefined }
  | { readonly kind: 'unfollow' }
  /** A tap on a button of the account's menu. */
  | { readonly kind: 'menu'; readonly key: string }
  /** A message that the account cannot read, such as a picture. */
  | { readonly kind: 'other'; readonly type: string }
  /** Something that happened, and to which nothing is said. */
  | { readonly kind: 'event'; readonly event: string }

export interface PushMessage {
  readonly to: string
  readonly openid: string
  /** By it a repeated delivery is known: the user with MsgId for messages, with time, kind and key for events. */
  readonly key: string
  /** `wx-` and the MsgId, or for events a hash, which tells no openid. */
  readonly correlationId: string
  readonly content: PushContent
}

/** Thrown for a body that is no push; it is not repeated in the message. */
export class MalformedPush extends Error {
  override readonly name = 'MalformedPush'
  constructor(found: string, options?: ErrorOptions) {
    super(`the body is not a WeChat push: ${found}`, options)
  }
}

/** @throws MalformedPush when the field is missing or has fields of its own */
function field(xml: XmlFields, name: string): string {
  const value = Object.hasOwn(xml, name) ? xml[name] : undefined
  if (typeof value !== 'string') throw new MalformedPush(`${name} is missing`)
  return value
}

function degrees(xml: XmlFields, name: string, limit: number): number {
  const text = field(xml, name)
  const value = /^-?\d{1,3}(\.\d{1,12})?$/.test(text) ? Number(text) : NaN
  if (!(Math.abs(value) <= limit)) throw new MalformedPush(`${name} is not a number of degrees`)
  return value
}

function readEvent(xml: XmlFields, event: string): PushContent {
  const key = textOf(xml, 'EventKey')
  switch (event) {
    case 'subscribe':
      return {
        kind: 'follow',
        scene: key.startsWith('qrscene_') ? key.slice('qrscene_'.length) : undefined,
      }
    case 'SCAN':
      return { kind: 'scan', scene: key }
    case 'unsubscribe':
      return { kind: 'unfollow' }
    case 'CLICK':
      return { kind: 'menu', key }
    default:
      return { kind: 'event', event }
  }
}

function readMessage(xml: XmlFields, type: string): PushContent {
  switch (type) {
    case 'text':
      return { kind: 'text', content: field(xml, 'Content') }
    case 'voice': {
      // what WeChat's speech recognition heard, where the account has it switched on
      const heard = textOf(xml, 'Recognition').replace(/[。.！!]$/, '')
      return heard === '' ? { kind: 'other', type } : { kind: 'text', content: heard }
    }
    case 'location':
      return {
        kind: 'location',
        // WeChat's X is the latitude
        latitude: degrees(xml, 'Location_X', 90),
        longitude: degrees(xml, 'Location_Y', 180),
        label: textOf(xml, 'Label'),
      }
    default:
      return { kind: 'other', type }
  }
}

/** Reads XML from outside. @throws MalformedPush */
export function readPushXml(body: Uint8Array | string): XmlFields {
  try {
    return readXml(body)
  } catch (error) {
    if (error instanceof XmlRefused) throw new MalformedPush(error.reason, { cause: error })
    throw error
  }
}

/** Reads a push that is in plain text. @throws MalformedPush */
export function readPush(body: Uint8Array | string): PushMessage {
  const xml = readPushXml(body)
  const to = field(xml, 'ToUserName')
  const openid = field(xml, 'FromUserName')
  const createTime = field(xml, 'CreateTime')
  const type = field(xml, 'MsgType')
  if (type === 'event') {
    const event = field(xml, 'Event')
    const key = `${openid} ${createTime} ${event} ${textOf(xml, 'EventKey')}`.trimEnd()
    const hash = createHash('sha256').update(key).digest('hex').slice(0, 16)
    return { to, openid, key, correlationId: `wx-${hash}`, content: readEvent(xml, event) }
  }
  const msgId = field(xml, 'MsgId')
  if (!/^\d{1,20}$/.test(msgId)) throw new MalformedPush('MsgId is not a number')
  return {
    to,
    openid,
    key: `${openid} ${msgId}`,
    correlationId: `wx-${msgId}`,
    content: readMessage(xml, type),
  }
}
