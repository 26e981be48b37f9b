import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudProcess } from './fixtures/cloud-process.js'

const CODE = '112345678901234567890178'

test('a cloud that is killed after it took the news tells the user when it is back', async (t) => {
  const { wechat, platform, ...cloud } = await cloudProcess(t)
  assert.match(await cloud.say('天安门', '1'), /已为您预约/)
  const { correlationId = '' } = await platform.calls.first(() => true)
  const release = wechat.holdMessages()
  assert.equal(await cloud.news('reservation-accepted', correlationId), 204)
  assert.equal(await cloud.news('code-issued', correlationId, { code: CODE, symbology: 'qr' }), 204)
  await wechat.sendAsked.first(() => true)
  await cloud.kill()
  assert.deepEqual(wechat.messages.all, [])
  release()
  await cloud.start()
  await wechat.messages.first(({ msgtype }) => msgtype === 'image')
  assert.deepEqual(
    wechat.messages.all.map(({ msgtype, touser }) => [msgtype, touser]),
    [
      ['text', 'o-user'],
      ['image', 'o-user'],
    ],
  )
})

test('a cloud that is killed while it reserves asks again with the same key, and answers WeChat’s next delivery', async (t) => {
  const { platform, ...cloud } = await cloudProcess(t)
  const release = platform.holdBack('reserving')
  const cut = assert.rejects(cloud.say('天安门', '1'))
  const asked = await platform.calls.first(() => true)
  await cloud.kill()
  await cut
  release()
  await cloud.start()
  const again = await platform.calls.first((call) => call !== asked)
  assert.deepEqual(
    platform.calls.all.map(({ idempotencyKey, body }) => [idempotencyKey, body]),
    [asked, again].map(() => [asked.idempotencyKey, asked.body]),
  )
  assert.match(await cloud.say('天安门', '1'), /您已预约车位 B-17/)
  assert.equal(platform.snatched.size, 1)
})

test('a user whose request was interrupted, and whose bay has gone, is told so', async (t) => {
  const { wechat, platform, ...cloud } = await cloudProcess(t)
  const release = platform.holdBack('reserving')
  const cut = assert.rejects(cloud.say('天安门', '1'))
  await platform.calls.first(() => true)
  await cloud.kill()
  await cut
  platform.snatched.add('B-17')
  release()
  await cloud.start()
  await wechat.messages.first(({ text }) => /B-17 现在不能预约/.test(text?.content ?? ''))
})
