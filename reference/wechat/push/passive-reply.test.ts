import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPassiveReply, type ReplyContext } from './passive-reply.js'

const afterMessage: ReplyContext = {
  to: 'o-user',
  from: 'gh_account',
  maxArticles: 1,
  hasMedia: (id) => id === 'm1',
}
const afterEvent = { ...afterMessage, maxArticles: 8 }
const afterPosition = { ...afterMessage, maxArticles: 0 }

function reply(rest: string, to = 'o-user', from = 'gh_account'): string {
  return `<xml><ToUserName><![CDATA[${to}]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName><CreateTime>1</CreateTime>${rest}</xml>`
}

const item = '<item><Title><![CDATA[B-17]]></Title><Url><![CDATA[http://x/]]></Url></item>'
const news = (count: number, told = count) =>
  reply(
    `<MsgType>news</MsgType><ArticleCount>${told}</ArticleCount><Articles>${item.repeat(count)}</Articles>`,
  )
const article = { title: 'B-17', description: '', picUrl: '', url: 'http://x/' }

test('takes success, nothing and every kind of reply', () => {
  const taken: [string, object][] = [
    ['success', { kind: 'none' }],
    ['', { kind: 'none' }],
    [
      reply('<MsgType>text</MsgType><Content><![CDATA[车位 <B-17> &amp;]]></Content>'),
      { kind: 'text', text: '车位 <B-17> &amp;' },
    ],
    [
      reply('<MsgType>text</MsgType><Content>a &lt; b &#20013;</Content>'),
      { kind: 'text', text: 'a < b 中' },
    ],
    [reply('<MsgType>image</MsgType><Image><MediaId>m1</MediaId></Image>'), { kind: 'image', mediaId: 'm1' }],
    [reply('<MsgType>voice</MsgType><Voice><MediaId>m1</MediaId></Voice>'), { kind: 'voice', mediaId: 'm1' }],
    [
      reply('<MsgType>video</MsgType><Video><MediaId>m1</MediaId><Title>t</Title></Video>'),
      { kind: 'video', mediaId: 'm1', title: 't' },
    ],
    [
      reply(
        '<MsgType>music</MsgType><Music><Title>t</Title><MusicUrl>http://m/</MusicUrl><ThumbMediaId>m1</ThumbMediaId></Music>',
      ),
      { kind: 'music', title: 't', url: 'http://m/' },
    ],
    [reply('<MsgType>transfer_customer_service</MsgType>'), { kind: 'agent' }],
    [news(1), { kind: 'news', articles: [article] }],
  ]
  for (const [body, expected] of taken) assert.deepEqual(readPassiveReply(body, afterMessage), expected, body)
  assert.deepEqual(readPassiveReply(news(8), afterEvent), { kind: 'news', articles: Array(8).fill(article) })
  assert.deepEqual(readPassiveReply('success', afterPosition), { kind: 'none' })
})

test('refuses what the platform would call a failure of the service', () => {
  const text = '<MsgType>text</MsgType><Content>a</Content>'
  const refusals: [string, string, ReplyContext?][] = [
    ['{"errcode":0}', 'json-reply'],
    ['ok', 'xml-malformed'],
    ['<xml><a></xml>', 'xml-malformed'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><xml/>', 'xml-document-type'],
    [reply(`${text}<Content>b</Content>`), 'xml-field-twice'],
    [reply(text, 'gh_account', 'o-user'), 'to-or-from-wrong'],
    [reply(text).replace('<CreateTime>1</CreateTime>', ''), 'create-time-missing'],
    [reply('<MsgType>text</MsgType>'), 'content-missing'],
    [reply(`<MsgType>text</MsgType><Content>${'字'.repeat(683)}</Content>`), 'content-too-long'],
    [reply('<MsgType>hologram</MsgType>'), 'type-unknown'],
    [reply('<MsgType>image</MsgType><Image><MediaId>gone</MediaId></Image>'), 'media-unknown'],
    [news(2), 'article-count'],
    [news(1, 2), 'article-count'],
    [news(9), 'article-count', afterEvent],
    [reply(text), 'reply-not-allowed', afterPosition],
  ]
  for (const [body, refused, context = afterMessage] of refusals) {
    assert.deepEqual(readPassiveReply(body, context), { refused }, body.slice(0, 200))
  }
})
