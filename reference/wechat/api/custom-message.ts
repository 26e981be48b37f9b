import type { PhoneMessage } from '../../contracts/phone-api.js'
import type { WeChatState } from '../state/wechat-state.js'
import { DONE, refuse, type ApiCall, type ApiRequest } from './api-call.js'
import { isRefusal, type ApiRefusal } from './api-error.js'
import { fieldOf, isText } from './json-field.js'

const MAX_TEXT_BYTES = 2048

type Shown = Omit<PhoneMessage, 'seq' | 'at' | 'from'>

const textOr = (value: unknown, instead: string) => (typeof value === 'string' ? value : instead)

function readText(content: unknown): Shown | ApiRefusal {
  if (!isText(content)) return refuse(44004)
  return Buffer.byteLength(content) > MAX_TEXT_BYTES ? refuse(45002) : { kind: 'text', text: content }
}

function readMenu(menu: unknown): Shown | ApiRefusal {
  const list = fieldOf(menu, 'list')
  if (!Array.isArray(list) || list.length === 0) return refuse(47001)
  const choices = list.map((one) => ({ id: fieldOf(one, 'id'), text: fieldOf(one, 'content') }))
  if (!choices.every((one): one is { id: string; text: string } => isText(one.id) && isText(one.text))) {
    return refuse(47001)
  }
  const around = [fieldOf(menu, 'head_content'), fieldOf(menu, 'tail_content')].filter(isText)
  return { kind: 'menu', text: around.join('\n'), choices }
}

function readNews(news: unknown): Shown | ApiRefusal {
  const articles = fieldOf(news, 'articles')
  if (!Array.isArray(articles) || articles.length === 0) return refuse(44003)
  if (articles.length > 1) return refuse(45008)
  const [article] = articles as unknown[]
  const title = fieldOf(article, 'title')
  if (!isText(title)) return refuse(47001)
  const description = textOr(fieldOf(article, 'description'), '')
  const [url, picUrl] = [textOr(fieldOf(article, 'url'), ''), textOr(fieldOf(article, 'picurl'), '')]
  return { kind: 'news', text: description === '' ? title : `${title}\n${description}`, url, picUrl }
}

/** What the user would see of it. */
function readMessage(request: object, { media }: WeChatState): Shown | ApiRefusal {
  const type = fieldOf(request, 'msgtype')
  if (!isText(type)) return refuse(40008)
  const content = fieldOf(request, type)
  switch (type) {
    case 'text':
      return readText(fieldOf(content, 'content'))
    case 'image':
    case 'voice':
    case 'video': {
      const mediaId = fieldOf(content, 'media_id')
      if (!isText(mediaId) || !media.has(mediaId)) return refuse(40007)
      return { kind: type, mediaId, ...(type === 'video' && { text: textOr(fieldOf(content, 'title'), '') }) }
    }
    case 'music': {
      if (!media.has(fieldOf(content, 'thumb_media_id'))) return refuse(40007)
      const [title, url] = [fieldOf(content, 'title'), fieldOf(content, 'musicurl')]
      return { kind: 'music', text: textOr(title, ''), url: textOr(url, '') }
    }
    case 'news':
      return readNews(content)
    case 'msgmenu':
      return readMenu(content)
    default:
      return refuse(40008)
  }
}

/** `/cgi-bin/message/custom/send`: shows a message to a user, if the account may write to them now. */
function send({ account, body, state, nowMs }: ApiRequest) {
  const openid = fieldOf(body, 'touser')
  const follower = isText(openid) ? state.followers.of(openid, account.appId) : undefined
  if (!follower) return refuse(40003)
  const message = readMessage(body, state)
  if (isRefusal(message)) return message
  const taken = follower.takeMessage(nowMs)
  if (taken !== 'taken') return taken
  follower.conversation.add({ from: 'account', ...message }, nowMs)
  return DONE
}

/** Shows the user that somebody is typing; shows nothing here. */
function typing({ account, body, state }: ApiRequest) {
  const openid = fieldOf(body, 'touser')
  const follower = isText(openid) ? state.followers.of(openid, account.appId) : undefined
  if (!follower) return refuse(40003)
  return fieldOf(body, 'command') === 'Typing' || fieldOf(body, 'command') === 'CancelTyping'
    ? DONE
    : refuse(40097)
}

export const CUSTOM_MESSAGE_CALLS: readonly ApiCall[] = [
  { method: 'POST', path: '/cgi-bin/message/custom/send', perDay: 500_000, body: 'json', run: send },
  { method: 'POST', path: '/cgi-bin/message/custom/typing', perDay: 500_000, body: 'json', run: typing },
]
