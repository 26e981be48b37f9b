import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MalformedPush, readPush } from './push-message.js'

const HEAD =
  '<ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[o-user]]></FromUserName><CreateTime>1700000000</CreateTime>'

test('a text keeps every digit of its MsgId', () => {
  const push = readPush(
    `<xml>${HEAD}<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[去 <西站> & 回]]></Content><MsgId>6917529027641081857</MsgId></xml>`,
  )
  assert.deepEqual(push, {
    to: 'gh_1',
    openid: 'o-user',
    key: 'o-user 6917529027641081857',
    correlationId: 'wx-6917529027641081857',
    content: { kind: 'text', content: '去 <西站> & 回' },
  })
})

test('Location_X is the latitude', () => {
  const push = readPush(
    `<xml>${HEAD}<MsgType>location</MsgType><Location_X>39.9</Location_X><Location_Y>116.4</Location_Y><Scale>16</Scale><Label>西站</Label><MsgId>1</MsgId></xml>`,
  )
  assert.deepEqual(push.content, { kind: 'location', latitude: 39.9, longitude: 116.4, label: '西站' })
})

test('an event is known by user, time, kind and key, and its correlation id tells no openid', () => {
  const push = readPush(
    `<xml>${HEAD}<MsgType>event</MsgType><Event>subscribe</Event><EventKey>qrscene_car-1</EventKey></xml>`,
  )
  assert.equal(push.key, 'o-user 1700000000 subscribe qrscene_car-1')
  assert.match(push.correlationId, /^wx-[0-9a-f]{16}$/)
  assert.deepEqual(push.content, { kind: 'follow', scene: 'car-1' })
})

test('what is no push is refused by name', () => {
  const bodies = [
    '',
    '{}',
    '<xml><a></xml>',
    `<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml>${HEAD}</xml>`,
    `<xml>${HEAD}<FromUserName>o-other</FromUserName><MsgType>text</MsgType><Content>a</Content><MsgId>1</MsgId></xml>`,
    `<xml>${HEAD}<MsgType>text</MsgType><Content>a</Content><MsgId>1e3</MsgId></xml>`,
    `<xml>${HEAD}<MsgType>location</MsgType><Location_X>116.4</Location_X><Location_Y>39.9</Location_Y><MsgId>1</MsgId></xml>`,
    `<xml>${HEAD}<MsgType>location</MsgType><Location_X>Infinity</Location_X><Location_Y>39.9</Location_Y><MsgId>1</MsgId></xml>`,
  ]
  for (const body of bodies) assert.throws(() => readPush(body), MalformedPush)
})
