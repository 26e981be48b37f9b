import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudWorld } from './fixtures/cloud-world.js'

test('a repeated delivery makes one reservation, and gets the same answer', async (t) => {
  const world = await cloudWorld(t)
  const xml = world.textXml('天安门')
  const replies = await Promise.all([world.push(xml), world.push(xml), world.push(xml)])
  replies.push(await world.push(xml))
  assert.equal(new Set(replies.map(({ body }) => body)).size, 1)
  assert.match(replies[0]?.body ?? '', /已为您预约/)
  assert.equal(world.platform.calls.all.length, 1)
})

test('one MsgId of two users is two messages', async (t) => {
  const world = await cloudWorld(t)
  assert.match(await world.say('帮助', '1', 'o-one'), /发送目的地/)
  assert.match(await world.say('状态 B-17', '1', 'o-two'), /空闲/)
})

test('when the answer takes long, WeChat gets a word in time and the user the rest later', async (t) => {
  const { wechat, ...world } = await cloudWorld(t, { passiveReplyMs: 1 })
  const release = world.platform.holdBack('listing')
  assert.match(await world.say('天安门'), /已收到，正在办理/)
  release()
  const message = await wechat.messages.first(() => true)
  assert.match(message.text?.content ?? '', /已为您预约车位 B-17/)
  assert.equal(message.correlationId, 'wx-1')
})

test('the callback is verified by its echo', async (t) => {
  const { cloud } = await cloudWorld(t)
  const bad = await fetch(`${cloud.url}/wechat?signature=x&timestamp=1767225600&nonce=n&echostr=hello`)
  assert.deepEqual([bad.status, await bad.text()], [403, 'signature-wrong'])
})

test('pushes that are forged, for another account, too large or no XML are refused by name', async (t) => {
  const { push, textXml, log, platform } = await cloudWorld(t)
  assert.equal((await push(textXml('天安门'), { signature: 'f'.repeat(40) })).status, 403)
  assert.equal((await push(textXml('天安门'), { nonce: 'n2' })).status, 403)
  assert.equal((await push(textXml('天安门').replace('gh_1', 'gh_2'))).status, 400)
  assert.equal((await push('<xml>')).status, 400)
  assert.equal((await push(textXml('a'.repeat(70_000)))).status, 413)
  assert.equal(log.all.filter(({ event }) => event === 'push-taken').length, 0)
  assert.equal(platform.calls.all.length, 0)
})
