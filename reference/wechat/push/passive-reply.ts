import {
  fieldOf,
  readXml,
  textOf,
  XmlRefused,
  type XmlFields,
  type XmlRefusal,
  type XmlValue,
} from '../../wechat-wire/strict-xml.js'

export interface Article {
  readonly title: string
  readonly description: string
  readonly picUrl: string
  readonly url: string
}

export type PassiveReply =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image' | 'voice'; readonly mediaId: string }
  | { readonly kind: 'video'; readonly mediaId: string; readonly title: string }
  | { readonly kind: 'music'; readonly title: string; readonly url: string }
  | { readonly kind: 'news'; readonly articles: readonly Article[] }
  /** Handed to a human agent; nothing is shown. */
  | { readonly kind: 'agent' }

export type PassiveReplyRefusal =
  | 'json-reply'
  | XmlRefusal
  | 'to-or-from-wrong'
  | 'create-time-missing'
  | 'type-unknown'
  | 'content-missing'
  | 'content-too-long'
  | 'media-unknown'
  | 'article-count'
  | 'reply-not-allowed'

export interface ReplyContext {
  /** The user's openid and the account's original id: the push's own, swapped. */
  readonly to: string
  readonly from: string
  /** 1 when the push was a message, 8 when it was an event, 0 when nothing may be said. */
  readonly maxArticles: number
  readonly hasMedia: (mediaId: string) => boolean
}

/** Longest text that the platform takes, bytes of UTF-8. */
const MAX_TEXT_BYTES = 2048

type Judged = PassiveReply | { readonly refused: PassiveReplyRefusal }

function readArticles(xml: XmlFields, maxArticles: number): Judged {
  const items = fieldOf(fieldOf(xml, 'Articles'), 'item')
  const list: readonly XmlValue[] = items === undefined ? [] : Array.isArray(items) ? items : [items]
  if (list.length === 0 || list.length > maxArticles || textOf(xml, 'ArticleCount') !== String(list.length)) {
    return { refused: 'article-count' }
  }
  const articles = list.map((item) => ({
    title: textOf(item, 'Title'),
    description: textOf(item, 'Description'),
    picUrl: textOf(item, 'PicUrl'),
    url: textOf(item, 'Url'),
  }))
  return articles.every(({ title }) => title !== '')
    ? { kind: 'news', articles }
    : { refused: 'content-missing' }
}

function readKind(xml: XmlFields, { maxArticles, hasMedia }: ReplyContext): Judged {
  const type = textOf(xml, 'MsgType').trim()
  switch (type) {
    case 'text': {
      const text = textOf(xml, 'Content')
      if (text === '') return { refused: 'content-missing' }
      return Buffer.byteLength(text) > MAX_TEXT_BYTES
        ? { refused: 'content-too-long' }
        : { kind: 'text', text }
    }
    case 'image':
    case 'voice':
    case 'video': {
      const field = fieldOf(xml, type === 'image' ? 'Image' : type === 'voice' ? 'Voice' : 'Video')
      const mediaId = textOf(field, 'MediaId').trim()
      if (!hasMedia(mediaId)) return { refused: 'media-unknown' }
      return type === 'video'
        ? { kind: type, mediaId, title: textOf(field, 'Title') }
        : { kind: type, mediaId }
    }
    case 'music': {
      const music = fieldOf(xml, 'Music')
      const thumb = textOf(music, 'ThumbMediaId').trim()
      if (thumb !== '' && !hasMedia(thumb)) return { refused: 'media-unknown' }
      return { kind: type, title: textOf(music, 'Title'), url: textOf(music, 'MusicUrl') }
    }
    case 'news':
      return readArticles(xml, maxArticles)
    case 'transfer_customer_service':
      return { kind: 'agent' }
    default:
      return { refused: 'type-unknown' }
  }
}

/** Reads what an account answered to a push, in plain text, and judges it as the platform does. */
export function readPassiveReply(body: string, expected: ReplyContext): Judged {
  const trimmed = body.trim()
  if (trimmed === '' || trimmed === 'success') return { kind: 'none' }
  if (expected.maxArticles === 0) return { refused: 'reply-not-allowed' }
  // the commonest mistake of all
  if (/^[{["]/.test(trimmed)) return { refused: 'json-reply' }
  let xml: XmlFields
  try {
    xml = readXml(trimmed)
  } catch (error) {
    if (error instanceof XmlRefused) return { refused: error.reason }
    throw error
  }
  const to = textOf(xml, 'ToUserName').trim()
  if (to !== expected.to || textOf(xml, 'FromUserName').trim() !== expected.from) {
    return { refused: 'to-or-from-wrong' }
  }
  if (!/^\d{1,13}$/.test(textOf(xml, 'CreateTime').trim())) return { refused: 'create-time-missing' }
  return readKind(xml, expected)
}
