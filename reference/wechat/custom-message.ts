import type { ApiRefusal } from './api-error.js'
import type { ConversationMessage } from './conversation.js'
import type { WeChatState } from './wechat-state.js'

const MAX_TEXT_BYTES = 2048

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

type Shown = Pick<ConversationMessage, 'kind' | 'text' | 'mediaId'>

function readMessage(request: unknown, state: WeChatState): Shown | ApiRefusal {
  switch (field(request, 'msgtype')) {
    case 'text': {
      const content = field(field(request, 'text'), 'content')
      if (typeof content !== 'string' || content === '') return { errcode: 47001 }
      return Buffer.byteLength(content) > MAX_TEXT_BYTES
        ? { errcode: 45002 }
        : { kind: 'text', text: content }
    }
    case 'image': {
      const mediaId = field(field(request, 'image'), 'media_id')
      return typeof mediaId === 'string' && state.media.get(mediaId)
        ? { kind: 'image', mediaId }
        : { errcode: 40007 }
    }
    case 'news': {
      const articles = field(field(request, 'news'), 'articles')
      if (!Array.isArray(articles) || articles.length === 0) return { errcode: 47001 }
      if (articles.length > 1) return { errcode: 45008 }
      const title = field(articles[0], 'title')
      if (typeof title !== 'string' || title === '') return { errcode: 47001 }
      const description = field(articles[0], 'description')
      return { kind: 'news', text: typeof description === 'string' ? `${title}\n${description}` : title }
    }
    default:
      return { errcode: 40008 }
  }
}

/** `/cgi-bin/message/custom/send`: shows a message to a user, if the account may write to them now. */
export function sendCustomMessage(
  appId: string,
  request: unknown,
  state: WeChatState,
  nowMs: number,
): 'sent' | ApiRefusal {
  if (typeof request !== 'object' || request === null) return { errcode: 47001 }
  const openid = field(request, 'touser')
  const follower = typeof openid === 'string' ? state.followers.of(openid, appId) : undefined
  if (!follower) return { errcode: 40003 }
  const message = readMessage(request, state)
  if ('errcode' in message) return message
  const taken = follower.window.take(nowMs)
  if (taken !== 'taken') return taken
  follower.conversation.add({ from: 'account', ...message }, nowMs)
  return 'sent'
}
