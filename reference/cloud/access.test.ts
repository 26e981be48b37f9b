import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudWorld, NOW, space } from './fixtures/cloud-world.js'
import { sendPlatformEvent } from './fixtures/other-parties.js'
import { judgeWebhookSignature } from './signatures.js'
import { createHmac } from 'node:crypto'

test('another user’s reservation cannot be ended, seen or opened by who does not have it', async (t) => {
  const { wechat, ...world } = await cloudWorld(t)
  await world.say('天安门', '1', 'o-owner')
  await world.news('code-issued', { code: '112345678901234567890178', symbology: 'qr' })
  await wechat.messages.first(({ msgtype }) => msgtype === 'image')
  assert.match(await world.say('取消', '2', 'o-thief'), /没有预约/)
  assert.match(await world.say('我的码', '3', 'o-thief'), /没有预约/)
  assert.match(await world.say('状态', '4', 'o-thief'), /没有预约/)
  assert.deepEqual(world.platform.cancelled, [])
  assert.equal(wechat.messages.all.filter(({ touser }) => touser === 'o-thief').length, 0)
  assert.match(await world.say('我的码', '5', 'o-owner'), /正在发送/)
})

test('a forged place ends in an answer, whatever it points at, and books nothing outside of reach', async (t) => {
  const world = await cloudWorld(t)
  // Where inverses of others never end, beyond the earth, and no numbers at all.
  const forged: [number, number][] = [
    [40, 72.006],
    [0.82965, 110],
    [NaN, 116],
    [Infinity, -Infinity],
    [1e308, 1e308],
    [91, 116],
  ]
  for (const [i, [latitude, longitude]] of forged.entries()) {
    const answer = await world.sendLocation(latitude, longitude, `${100 + i}`)
    assert.doesNotMatch(answer, /已为您预约/)
  }
  assert.equal(world.platform.calls.all.length, 0)
  assert.match(await world.say('天安门', '200'), /已为您预约/)
})

test('a push that is replayed later, by whoever caught it, is refused and logged', async (t) => {
  const world = await cloudWorld(t)
  const caught = world.textXml('天安门', '300')
  await world.push(caught)
  await world.say('取消', '301')
  // The same push again: its answer, and no second reservation.
  await world.push(caught)
  assert.equal(world.platform.calls.all.length, 1)
  assert.equal((await world.push(caught, { timestamp: String(NOW / 1000 - 901) })).status, 403)
  assert.ok(world.log.all.some(({ event }) => event === 'push-refused'))
})

test('while the webhook’s secret is replaced both are good; a third moves nothing', async (t) => {
  const body = Buffer.from('{}')
  const timestamp = String(NOW / 1000)
  const signed = (secret: string) => ({
    timestamp,
    body,
    signature: `sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`,
  })
  const judge = (secret: string) => judgeWebhookSignature(signed(secret), ['old', 'new'], NOW, 900)
  assert.deepEqual([judge('old'), judge('new'), judge('guessed')], ['good', 'good', 'signature-wrong'])

  const { cloud, wechat, ...world } = await cloudWorld(t, { spaces: [space('B-17')] })
  await world.say('天安门')
  const event = {
    eventId: 'forged',
    type: 'bay-unlocked',
    at: new Date(NOW).toISOString(),
    bayId: 'B-17',
    reservationId: 'r-B-17',
  } as const
  assert.equal(await sendPlatformEvent(cloud.url, event, NOW, 'guessed'), 401)
  assert.equal(await world.news('reservation-accepted'), 204)
  await wechat.messages.first(({ text }) => /车锁已确认/.test(text?.content ?? ''))
  assert.equal(wechat.messages.all.filter(({ text }) => /已开锁/.test(text?.content ?? '')).length, 0)
  assert.ok(world.log.all.some(({ event: name }) => name === 'webhook-refused'))
})
