import { createHash } from 'node:crypto'
import { XMLParser, XMLValidator } from 'fast-xml-parser'

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
  | { readonly kind: 'other'; readonly type: string }

export interface PushMessage {
  readonly to: string
  readonly openid: string
  /** By it a repeated delivery is known: the user with MsgId for messages, with time and kind for events. */
  readonly key: string
  /** `wx-` and the MsgId, or for events a hash, which tells no openid. */
  readonly correlationId: string
  readonly content: PushContent
}

/** Thrown for a body that is no push; it is not repeated in the message. */
export class MalformedPush extends Error {
  override readonly name = 'MalformedPush'
  constructor(found: string) {
    super(`the body is not a WeChat push: ${found}`)
  }
}

const parser = new XMLParser({ parseTagValue: false, processEntities: false, ignoreAttributes: true })

function parseXml(xml: string): Record<string, unknown> {
  // no document type, hence no entity to expand or to fetch
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new MalformedPush('it has a document type')
  if (XMLValidator.validate(xml) !== true) throw new MalformedPush('it is not well-formed XML')
  const root = (parser.parse(xml) as Record<string, unknown>)['xml']
  if (typeof root !== 'object' || root === null) throw new MalformedPush('its root is not <xml>')
  return root as Record<string, unknown>
}

/** @throws MalformedPush when the field is missing or there twice */
function field(xml: Record<string, unknown>, name: string): string {
  const value = xml[name]
  if (typeof value !== 'string') throw new MalformedPush(`${name} is missing or there twice`)
  return value
}

function degrees(xml: Record<string, unknown>, name: string, limit: number): number {
  const text = field(xml, name)
  const value = /^-?\d{1,3}(\.\d{1,12})?$/.test(text) ? Number(text) : NaN
  if (!(Math.abs(value) <= limit)) throw new MalformedPush(`${name} is not a number of degrees`)
  return value
}

function readEvent(xml: Record<string, unknown>, event: string): PushContent {
  const key = typeof xml['EventKey'] === 'string' ? xml['EventKey'] : ''
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
    default:
      return { kind: 'other', type: `event ${event}` }
  }
}

function readMessage(xml: Record<string, unknown>, type: string): PushContent {
  switch (type) {
    case 'text':
      return { kind: 'text', content: field(xml, 'Content') }
    case 'location':
      return {
        kind: 'location',
        // WeChat's X is the latitude
        latitude: degrees(xml, 'Location_X', 90),
        longitude: degrees(xml, 'Location_Y', 180),
        label: typeof xml['Label'] === 'string' ? xml['Label'] : '',
      }
    default:
      return { kind: 'other', type }
  }
}

/** Reads the XML of a push in plain mode. @throws MalformedPush */
export function readPush(body: string): PushMessage {
  const xml = parseXml(body)
  const to = field(xml, 'ToUserName')
  const openid = field(xml, 'FromUserName')
  const createTime = field(xml, 'CreateTime')
  const type = field(xml, 'MsgType')
  if (type === 'event') {
    const event = field(xml, 'Event')
    const key = `${openid} ${createTime} ${event}`
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

/** The passive reply of a text. */
export function textReply(to: string, from: string, text: string, nowMs: number): string {
  const cdata = (value: string) => `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
  return (
    `<xml><ToUserName>${cdata(to)}</ToUserName><FromUserName>${cdata(from)}</FromUserName>` +
    `<CreateTime>${Math.floor(nowMs / 1000)}</CreateTime><MsgType><![CDATA[text]]></MsgType>` +
    `<Content>${cdata(text)}</Content></xml>`
  )
}
