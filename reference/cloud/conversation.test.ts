import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudWorld, space } from './fixtures/cloud-world.js'

test('who follows by the code of a car has it linked, and is welcomed', async (t) => {
  const world = await cloudWorld(t)
  assert.match(await world.follow('car-1'), /已绑定您的车辆/)
  assert.match(await world.follow('car/1+#'), /欢迎/)
})

test('a place named in a text becomes a plan in the car and a reservation at the platform', async (t) => {
  const world = await cloudWorld(t, { spaces: [space('B-18', 39.9153), space('B-17')] })
  await world.follow('car-1')
  const answer = await world.say('我要去天安门')
  assert.match(answer, /已为您预约车位 B-17，步行约 \d+ 米，5 元\/小时，保留 15 分钟/)
  const [call] = world.platform.calls.all
  assert.equal(call?.correlationId, 'wx-1')
  assert.ok(call.idempotencyKey)
  assert.deepEqual(call.body.location, { latitude: 39.9113, longitude: 116.3913 })
  assert.equal(call.body.symbology, 'qr')
  assert.notEqual(call.body.userRef, 'o-user')
  const { vehicleId, command } = await world.commands.first(() => true)
  assert.equal(vehicleId, 'car-1')
  assert.equal(command.correlationId, 'wx-1')
  assert.ok(command.type === 'show-plan')
  assert.equal(command.state, 'planned')
  assert.equal(command.label, 'B-17 东区')
  assert.equal(command.planId, call.idempotencyKey)
  assert.deepEqual(command.location, { latitude: 39.9113, longitude: 116.3913 })
  assert.equal(command.etaMinutes, Math.ceil(command.walkMetres / 80))
})

test('for a bay that the user named there is no walk whose time could be told', async (t) => {
  const world = await cloudWorld(t)
  await world.follow('car-1')
  await world.say('预约 B-17')
  const { command } = await world.commands.first(() => true)
  assert.ok(command.type === 'show-plan' && !('etaMinutes' in command))
})

test('a location is one of WeChat’s map: GCJ-02, never taken for a GPS fix', async (t) => {
  // the same digits as GCJ-02 and as WGS-84 are 555 m apart here, so each reading has its own nearest space
  const [latitude, longitude] = [39.9127, 116.3975]
  const asGps = space('B-18', latitude, { location: { latitude, longitude } })
  const spaces = [asGps, space('B-17')]
  const world = await cloudWorld(t, { spaces })
  assert.match(await world.sendLocation(latitude, longitude), /车位 B-17，步行约 \d{1,2} 米/)
  const other = await cloudWorld(t, { spaces, mapDatum: 'WGS-84' })
  assert.match(await other.sendLocation(latitude, longitude), /车位 B-18，步行约 0 米/)
})

test('spaces that are not free, reserved or out of order are never planned', async (t) => {
  const world = await cloudWorld(t, {
    spaces: [
      space('B-1', 39.9113, { occupancy: 'occupied' }),
      space('B-2', 39.9113, { reservation: 'held' }),
      space('B-3', 39.9113, { lockHealth: 'offline' }),
      space('B-4', 39.9113, { occupancy: 'unknown' }),
    ],
  })
  assert.match(await world.say('天安门'), /附近没有空车位/)
  assert.equal(world.platform.calls.all.length, 0)
})

test('a space that another took meanwhile is replaced by the next best, once', async (t) => {
  const world = await cloudWorld(t, {
    spaces: [space('B-17'), space('B-18', 39.9133), space('B-19', 39.9143)],
  })
  await world.follow('car-1')
  world.platform.snatched.add('B-17')
  assert.match(await world.say('天安门'), /已为您预约车位 B-18/)
  const states = async (bay: number) =>
    (await world.commands.first(() => world.commands.all.length > bay)) && world.commands.all[bay]?.command
  const refused = await states(1)
  assert.deepEqual([refused?.type, refused?.state], ['plan-state', 'refused'])
  world.platform.snatched.add('B-19')
  assert.match(await world.say('天安门', '2', 'o-other'), /B-19|都被预约/)
})

test('when the next best is gone too, it is said, with what to do', async (t) => {
  const world = await cloudWorld(t, { spaces: [space('B-17'), space('B-18', 39.9133)] })
  world.platform.snatched.add('B-17').add('B-18')
  assert.match(await world.say('天安门'), /都被预约了。请换一个目的地/)
  world.platform.snatched.clear()
  assert.match(await world.say('天安门', '2'), /已为您预约车位 B-17/)
})

test('a bay that is named is reserved; when taken, another is proposed', async (t) => {
  const world = await cloudWorld(t, { spaces: [space('B-17'), space('B-18', 39.9133)] })
  assert.match(await world.say('reserve b-17'), /Space B-17 is reserved for you，5 yuan/)
  assert.match(await world.say('预约 B-17', '2', 'o-other'), /发送“预约 B-18”/)
  assert.match(await world.say('预约 B-99', '3', 'o-other'), /没有车位 B-99/)
  assert.equal(world.platform.calls.all.length, 2)
})

test('a user has one reservation at a time, however fast they ask', async (t) => {
  const world = await cloudWorld(t, { spaces: [space('B-17'), space('B-18', 39.9133)] })
  const answers = await Promise.all([world.say('天安门', '1'), world.say('预约 B-18', '2')])
  assert.equal(answers.filter((answer) => /已为您预约车位/.test(answer)).length, 1)
  assert.equal(answers.filter((answer) => /您已预约车位/.test(answer)).length, 1)
  assert.equal(world.platform.calls.all.length, 1)
})

test('the state of a space is asked of the platform at that moment', async (t) => {
  const world = await cloudWorld(t, {
    spaces: [space('B-17', 39.9113, { bolt: 'unknown', lockHealth: 'fault' })],
  })
  const answer = await world.say('状态 b-17')
  assert.match(answer, /占用：空闲\n预约：无\n车锁：故障\n锁栓：未知/)
  assert.match(await world.say('state B-17', '2'), /lock: fault\nbolt: unknown/)
  assert.match(await world.say('状态 B-99', '3'), /没有车位 B-99/)
  assert.match(await world.say('状态', '4'), /没有预约/)
})

test('cancelling ends the reservation, and another can be made', async (t) => {
  const world = await cloudWorld(t)
  await world.follow('car-1')
  assert.match(await world.say('取消', '1'), /没有预约/)
  await world.say('天安门', '2')
  assert.match(await world.say('取消', '3'), /B-17 的预约已取消/)
  assert.deepEqual(world.platform.cancelled, ['r-B-17'])
  const { command } = await world.commands.first(({ command }) => command.state === 'ended')
  assert.equal(command.correlationId, 'wx-2')
  world.platform.snatched.clear()
  assert.match(await world.say('天安门', '4'), /已为您预约/)
})

test('what is cancelled before the platform has answered is given back when it does', async (t) => {
  const world = await cloudWorld(t)
  await world.follow('car-1')
  const release = world.platform.holdBack('reserving')
  const asked = world.say('天安门', '1')
  await world.commands.first(({ command }) => command.type === 'show-plan')
  await world.platform.calls.first(() => true)
  assert.match(await world.say('取消', '2'), /已取消/)
  release()
  assert.match(await asked, /B-17 的预约已取消/)
  assert.deepEqual(world.platform.cancelled, ['r-B-17'])
})

test('a space held for an answer that was lost is given back when the platform tells of it', async (t) => {
  const world = await cloudWorld(t)
  world.platform.loseAnswers()
  assert.match(await world.say('天安门', '1'), /没有响应/)
  assert.equal(world.platform.calls.all.length, 2)
  assert.equal(new Set(world.platform.calls.all.map((call) => call.idempotencyKey)).size, 1)
  await world.news('reservation-accepted', { reservationId: 'r-late' })
  assert.deepEqual(world.platform.cancelled, ['r-late'])
})

test('anything else is answered with help, in the language that was used', async (t) => {
  const world = await cloudWorld(t)
  assert.match(await world.say('你好'), /发送目的地/)
  assert.match(await world.say('hello there', '2'), /Send a destination/)
})

test('when the platform is away, the user is told so and nothing is booked', async (t) => {
  const world = await cloudWorld(t)
  await world.platform.close()
  assert.match(await world.say('天安门'), /没有响应/)
  const { correlationId } = await world.log.first(({ event }) => event === 'conversation-failed')
  assert.equal(correlationId, 'wx-1')
})

test('a wish that leads nowhere is in the log, and says nothing of what was wished for', async (t) => {
  const world = await cloudWorld(t)
  const secret = '没有这样的地方'
  await world.say(secret, '1')
  assert.match(await world.say('状态 B-99', '2'), /没有车位 B-99/)
  await world.say('预约 B-17', '3')
  world.platform.park()
  assert.match(await world.say('取消', '4'), /不能取消|无法取消/)
  const refused = world.log.all.filter(({ event }) => event === 'wish-refused')
  assert.deepEqual(
    refused.map(({ fields, correlationId }) => [fields['wish'], fields['reason'], correlationId]),
    [
      ['place', 'place-unknown', 'wx-1'],
      ['state', 'bay-unknown', 'wx-2'],
      ['cancel', 'reservation-not-cancellable', 'wx-4'],
    ],
  )
  assert.ok(!JSON.stringify(refused).includes(secret))
})
