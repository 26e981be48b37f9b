import { XMLParser, XMLValidator } from 'fast-xml-parser'

export type PassiveReply =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'news'; readonly title: string; readonly description: string; readonly url: string }

export type PassiveReplyRefusal =
  | 'not-xml'
  | 'document-type'
  | 'to-or-from-wrong'
  | 'create-time-missing'
  | 'type-unknown'
  | 'content-missing'
  | 'content-too-long'
  | 'article-count'

/** Longest text that the platform takes, bytes of UTF-8. */
const MAX_TEXT_BYTES = 2048

const parser = new XMLParser({ parseTagValue: false, processEntities: false, ignoreAttributes: true })

/** The tree of a document without a document type, hence without entities; undefined when it is not XML. */
function parseXml(xml: string): Record<string, unknown> | undefined {
  if (XMLValidator.validate(xml) !== true) return undefined
  const tree = (parser.parse(xml) as Record<string, unknown>)['xml']
  return typeof tree === 'object' && tree !== null ? (tree as Record<string, unknown>) : undefined
}

function child(tree: unknown, name: string): unknown {
  return typeof tree === 'object' && tree !== null ? (tree as Record<string, unknown>)[name] : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/**
 * Reads what an account answered to a push, and judges it as the platform does.
 * @param expected `to` is the user's openid, `from` the account's original id: the push's own, swapped
 */
export function readPassiveReply(
  body: string,
  expected: { readonly to: string; readonly from: string },
): PassiveReply | { readonly refused: PassiveReplyRefusal } {
  const trimmed = body.trim()
  if (trimmed === '' || trimmed === 'success') return { kind: 'none' }
  if (/<!(DOCTYPE|ENTITY)/i.test(trimmed)) return { refused: 'document-type' }
  const xml = parseXml(trimmed)
  if (!xml) return { refused: 'not-xml' }
  if (xml['ToUserName'] !== expected.to || xml['FromUserName'] !== expected.from) {
    return { refused: 'to-or-from-wrong' }
  }
  if (!/^\d+$/.test(text(xml['CreateTime']))) return { refused: 'create-time-missing' }
  switch (xml['MsgType']) {
    case 'text': {
      const content = text(xml['Content'])
      if (content === '') return { refused: 'content-missing' }
      if (Buffer.byteLength(content) > MAX_TEXT_BYTES) return { refused: 'content-too-long' }
      return { kind: 'text', text: content }
    }
    case 'news': {
      const item = child(xml['Articles'], 'item')
      // one article when the push was a message; several items come out of the parser as an array
      if (xml['ArticleCount'] !== '1' || item === undefined || Array.isArray(item)) {
        return { refused: 'article-count' }
      }
      const title = text(child(item, 'Title'))
      if (title === '') return { refused: 'content-missing' }
      return {
        kind: 'news',
        title,
        description: text(child(item, 'Description')),
        url: text(child(item, 'Url')),
      }
    }
    default:
      return { refused: 'type-unknown' }
  }
}
