import type { PhoneMessage } from '../../contracts/phone-api.js'
import type { PassiveReply } from './passive-reply.js'

/** What the user reads when the account does not answer as it should. */
export const SERVICE_FAILED = '该公众号提供的服务出现故障，请稍后再试'

/** What a user sees of a passive reply. */
export function shownMessages(reply: PassiveReply): readonly Omit<PhoneMessage, 'seq' | 'at' | 'from'>[] {
  switch (reply.kind) {
    case 'none':
    case 'agent':
      return []
    case 'text':
      return [{ kind: 'text', text: reply.text }]
    case 'image':
    case 'voice':
      return [{ kind: reply.kind, mediaId: reply.mediaId }]
    case 'video':
      return [{ kind: 'video', mediaId: reply.mediaId, text: reply.title }]
    case 'music':
      return [{ kind: 'music', text: reply.title, url: reply.url }]
    case 'news':
      return reply.articles.map(({ title, description, picUrl, url }) => ({
        kind: 'news',
        text: description === '' ? title : `${title}\n${description}`,
        picUrl,
        url,
      }))
  }
}
