import { writeXml } from '../wechat-wire/strict-xml.js'

/** A plan as a card: one article of WeChat. */
export interface Card {
  readonly title: string
  readonly description: string
  /** Opens the place on a map. */
  readonly url: string
}

/** What the account says: a text, or a card. */
export type Answer = string | Card

/** The XML by which a push is answered at once. */
export function passiveReply(to: string, from: string, answer: Answer, nowMs: number): string {
  const head = { ToUserName: to, FromUserName: from, CreateTime: Math.floor(nowMs / 1000) }
  if (typeof answer === 'string') return writeXml({ ...head, MsgType: 'text', Content: answer })
  const { title, description, url } = answer
  const item = { Title: title, Description: description, PicUrl: '', Url: url }
  return writeXml({ ...head, MsgType: 'news', ArticleCount: 1, Articles: { item } })
}
