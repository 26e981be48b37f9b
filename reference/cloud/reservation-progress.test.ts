import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudWorld, NOW, space } from './fixtures/cloud-world.js'
import { sendPlatformEvent } from './fixtures/other-parties.js'

const CODE = '112345678901234567890178'

test('the journey: lock agrees, code comes as a picture, bay opens, is occupied, left', async (t) => {
  const { wechat, ...world } = await cloudWorld(t)
  await world.follow('car-1')
  await world.say('天安门')
  const steps = [
    ['reservation-accepted', 'reserved', /车锁已确认/],
    ['bay-unlocked', 'unlocked', /已开锁/],
    ['bay-occupied', 'parked', /已停入/],
    ['bay-left', 'ended', undefined],
    ['reservation-completed', 'ended', /预约结束/],
  ] as const
  for (const [type, state, words] of steps) {
    assert.equal(await world.news(type), 204)
    const { command } = await world.commands.first(({ command }) => command.state === state)
    assert.equal(command.correlationId, 'wx-1')
    if (words) {
      const message = await wechat.messages.first(({ text }) => words.test(text?.content ?? ''))
      assert.deepEqual([message.touser, message.correlationId], ['o-user', 'wx-1'])
    }
    if (type !== 'reservation-accepted') continue
    assert.equal(await world.news('code-issued', { code: CODE, symbology: 'qr' }), 204)
    const picture = await wechat.messages.first(({ msgtype }) => msgtype === 'image')
    assert.equal(picture.image?.media_id, 'media-1')
    assert.match(Buffer.from(wechat.uploads[0] ?? []).toString('latin1'), /\x89PNG\r\n/)
    const sent = await world.commands.first(({ command }) => command.unlockStep === 'code-sent')
    assert.deepEqual([sent.command.type, sent.command.state], ['plan-state', 'reserved'])
  }
  // what one message of the user allows
  assert.equal(wechat.messages.all.length, 5)
  world.platform.snatched.clear()
  assert.match(await world.say('天安门', '2'), /已为您预约/)
})

test('repeated and overtaken news change nothing', async (t) => {
  const { wechat, ...world } = await cloudWorld(t)
  await world.say('天安门')
  await world.news('reservation-accepted', { eventId: 'once' })
  await world.news('reservation-accepted', { eventId: 'once' })
  await world.news('bay-occupied')
  await world.news('bay-unlocked')
  await wechat.messages.first(({ text }) => /已停入/.test(text?.content ?? ''))
  assert.equal(await world.news('reservation-expired'), 204)
  await wechat.messages.first(({ text }) => /已过期/.test(text?.content ?? ''))
  assert.equal(wechat.messages.all.length, 3)
})

test('a reservation that ran out goes on when its lock had opened all the same', async (t) => {
  const { wechat, ...world } = await cloudWorld(t)
  await world.say('天安门')
  await world.news('reservation-accepted')
  await world.news('reservation-expired')
  await wechat.messages.first(({ text }) => /已过期/.test(text?.content ?? ''))
  await world.news('reservation-accepted', { eventId: 'overtaken' })
  assert.match(await world.say('我的码', '2'), /没有预约/)
  await world.news('bay-unlocked')
  await wechat.messages.first(({ text }) => /已开锁/.test(text?.content ?? ''))
  assert.match(await world.say('取消', '3'), /已取消/)
})

test('not when its user has another by then, and not after a no-show', async (t) => {
  const { wechat, ...world } = await cloudWorld(t, { spaces: [space('B-17'), space('B-18')] })
  await world.say('预约 B-17')
  await world.news('reservation-expired')
  assert.match(await world.say('预约 B-18', '2'), /已为您预约车位 B-18/)
  await world.news('bay-unlocked')
  const other = { reservationId: 'r-B-18-2', bayId: 'B-18' }
  await world.news('reservation-expired', { ...other, reason: 'no-show' })
  await wechat.messages.first(({ text }) => /B-18.*已过期/.test(text?.content ?? ''))
  await world.news('bay-unlocked', other)
  assert.ok(!wechat.messages.all.some(({ text }) => /已开锁/.test(text?.content ?? '')))
})

test('the code can be asked for again, while it is good', async (t) => {
  const { wechat, ...world } = await cloudWorld(t)
  assert.match(await world.say('我的码'), /没有预约/)
  assert.match(await world.say('条形码', '2'), /条形码/)
  await world.say('天安门', '3')
  assert.equal(world.platform.calls.all[0]?.body.symbology, 'code128')
  assert.match(await world.say('我的码', '4'), /还没有生成/)
  await world.news('code-issued', { code: CODE, symbology: 'code128', correlationId: 'wx-3' })
  await wechat.messages.first(({ image }) => image?.media_id === 'media-1')
  assert.match(await world.say('my code', '5'), /on its way/)
  const again = await wechat.messages.first(({ image }) => image?.media_id === 'media-2')
  assert.equal(again.correlationId, 'wx-5')
  await world.news('reservation-expired')
  assert.match(await world.say('我的码', '6'), /没有预约/)
})

test('the plan reaches the car before the platform answers, and news that overtakes the answer are understood', async (t) => {
  const { wechat, ...world } = await cloudWorld(t, { spaces: [space('B-17'), space('B-18')] })
  await world.follow('car-1')
  const release = world.platform.holdBack('reserving')
  const answer = world.say('预约 B-17')
  await world.commands.first(({ command }) => command.type === 'show-plan')
  assert.equal(await world.news('reservation-accepted'), 204)
  release()
  assert.match(await answer, /已为您预约车位 B-17/)
  await wechat.messages.first(({ text }) => /车锁已确认/.test(text?.content ?? ''))
})

test('a lock that refuses ends the reservation of a bay that the user named, and they hear what to do', async (t) => {
  const { wechat, ...world } = await cloudWorld(t, { spaces: [space('B-17'), space('B-18')] })
  await world.follow('car-1')
  await world.say('预约 B-17')
  await world.news('reservation-refused', { reason: 'coordinates-differ' })
  await world.commands.first(({ command }) => command.state === 'refused')
  await wechat.messages.first(({ text }) => /坐标不符.*请重新发送目的地/.test(text?.content ?? ''))
  assert.equal(world.platform.calls.all.length, 1)
})

test('forged, old and malformed news are refused', async (t) => {
  const { cloud, log, ...world } = await cloudWorld(t)
  await world.say('天安门')
  const event = {
    eventId: 'e',
    type: 'bay-unlocked',
    at: new Date(NOW).toISOString(),
    bayId: 'B-17',
  } as const
  assert.equal(await sendPlatformEvent(cloud.url, event, NOW, 'guessed'), 401)
  assert.equal(await sendPlatformEvent(cloud.url, event, NOW - 901_000), 401)
  assert.equal(await sendPlatformEvent(cloud.url, { ...event, code: CODE }, NOW), 400)
  assert.equal(await world.news('bay-unlocked', { reservationId: 'r-of-another', correlationId: 'x' }), 204)
  assert.equal(log.all.filter(({ event: name }) => name === 'webhook-refused').length, 3)
  assert.equal(log.all.filter(({ event: name }) => name === 'platform-event').length, 0)
})

test('the car’s own news are logged with their correlation, and bad ones by name', async (t) => {
  const { broker, log } = await cloudWorld(t)
  const send = (payload: string) =>
    new Promise<void>((resolve, reject) =>
      broker.publish(
        { cmd: 'publish', topic: 'vehicles/car-1/events', payload, qos: 1, dup: false, retain: false },
        (error) => (error ? reject(error) : resolve()),
      ),
    )
  await send('{"id":"1","type":"plan-shown","at":"2026-01-01T00:00:00Z","correlationId":"wx-1","planId":"p"}')
  await send('nonsense')
  const shown = await log.first(({ event }) => event === 'vehicle-event')
  assert.deepEqual(
    [shown.correlationId, shown.fields['type'], shown.fields['vehicleId']],
    ['wx-1', 'plan-shown', 'car-1'],
  )
  await log.first(({ event }) => event === 'vehicle-event-malformed')
})

test('a lock that lost its code gets another, and so does the user', async (t) => {
  const { wechat, ...world } = await cloudWorld(t)
  await world.say('天安门')
  await world.news('reservation-accepted')
  await world.news('code-issued', { code: CODE, symbology: 'qr' })
  await world.news('code-issued', { code: CODE.replace('112345', '154321'), symbology: 'qr' })
  await world.news('bay-unlocked')
  await wechat.messages.first(({ text }) => /已开锁/.test(text?.content ?? ''))
  assert.equal(wechat.uploads.length, 2)
  // late news of a code does not bring it back
  await world.news('code-issued', { code: CODE, symbology: 'qr' })
  await world.news('bay-occupied')
  await wechat.messages.first(({ text }) => /已停入/.test(text?.content ?? ''))
  assert.equal(wechat.uploads.length, 2)
})
