import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPassiveReply } from './passive-reply.js'

const expected = { to: 'o-user', from: 'gh_account' }

function reply(rest: string, to = 'o-user', from = 'gh_account'): string {
  return `<xml><ToUserName><![CDATA[${to}]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName><CreateTime>1</CreateTime>${rest}</xml>`
}

const article = '<item><Title><![CDATA[B-17]]></Title><Url><![CDATA[http://x/]]></Url></item>'

test('takes text, one article, success and nothing', () => {
  assert.deepEqual(readPassiveReply('success', expected), { kind: 'none' })
  assert.deepEqual(readPassiveReply('', expected), { kind: 'none' })
  assert.deepEqual(
    readPassiveReply(reply('<MsgType>text</MsgType><Content><![CDATA[车位 <B-17>]]></Content>'), expected),
    { kind: 'text', text: '车位 <B-17>' },
  )
  assert.deepEqual(
    readPassiveReply(
      reply(`<MsgType>news</MsgType><ArticleCount>1</ArticleCount><Articles>${article}</Articles>`),
      expected,
    ),
    { kind: 'news', title: 'B-17', description: '', url: 'http://x/' },
  )
})

test('refuses what the platform would call a failure of the service', () => {
  const text = '<MsgType>text</MsgType><Content>a</Content>'
  const refusals: [string, string][] = [
    ['{"errcode":0}', 'not-xml'],
    ['<xml><a></xml>', 'not-xml'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><xml/>', 'document-type'],
    [reply(text, 'gh_account', 'o-user'), 'to-or-from-wrong'],
    [reply('<MsgType>text</MsgType>'), 'content-missing'],
    [reply(`<MsgType>text</MsgType><Content>${'字'.repeat(700)}</Content>`), 'content-too-long'],
    [reply('<MsgType>hologram</MsgType>'), 'type-unknown'],
    [
      reply(`<MsgType>news</MsgType><ArticleCount>2</ArticleCount><Articles>${article}${article}</Articles>`),
      'article-count',
    ],
  ]
  for (const [body, refused] of refusals) assert.deepEqual(readPassiveReply(body, expected), { refused })
})
