import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { CloudStore } from './cloud-store.js'
import { cloudWorld, NOW, space } from './fixtures/cloud-world.js'
import { searchAt } from './search.js'
import { gcj02 } from '../domain/coordinates.js'

const STREET = [space('B-17'), space('B-18', 39.9133), space('B-19', 39.9143), space('B-20', 39.9153)]

test('a lock that refuses makes the cloud plan and reserve anew, without that bay', async (t) => {
  const { wechat, ...world } = await cloudWorld(t, { spaces: STREET })
  await world.follow('car-1')
  assert.match(await world.say('天安门'), /车位 B-17/)
  await world.news('reservation-refused', { reason: 'coordinates-differ' })
  const card = await wechat.messages.first(({ msgtype }) => msgtype === 'news')
  assert.equal(card.news?.articles[0]?.title, '车位 B-17 的预约未成（坐标不符）。已为您预约车位 B-18')
  assert.deepEqual(
    world.platform.calls.all.map(({ body, correlationId }) => [body.bayId, correlationId]),
    [
      ['B-17', 'wx-1'],
      ['B-18', 'wx-1'],
    ],
  )
  const shown = await world.commands.first(
    ({ command }) => command.type === 'show-plan' && command.bayId === 'B-18',
  )
  assert.equal(shown.vehicleId, 'car-1')
  // Five messages may follow one of the user's: the card, the code, and three steps.
  const next = { bayId: 'B-18', reservationId: 'r-B-18-2' }
  await world.news('reservation-accepted', next)
  await world.news('bay-unlocked', next)
  await wechat.messages.first(({ text }) => /B-18 已开锁/.test(text?.content ?? ''))
  assert.deepEqual(
    wechat.messages.all.map(({ msgtype }) => msgtype),
    ['news', 'text'],
  )
})

test('so does an operator who takes the bay out of service; one who only ends the reservation does not', async (t) => {
  const { wechat, ...world } = await cloudWorld(t, { spaces: STREET })
  await world.say('Tiananmen')
  await world.news('reservation-cancelled', { reason: 'out-of-service' })
  await wechat.messages.first(({ news }) => /B-17 fell through.*B-18/.test(news?.articles[0]?.title ?? ''))
  await world.news('reservation-cancelled', { bayId: 'B-18', reservationId: 'r-B-18-2', reason: 'operator' })
  await wechat.messages.first(({ text }) => /B-18 is cancelled/.test(text?.content ?? ''))
  assert.equal(world.platform.calls.all.length, 2)
})

test('after the third bay that falls through the user is asked instead', async (t) => {
  const { wechat, ...world } = await cloudWorld(t, { spaces: STREET })
  await world.say('天安门')
  for (const [i, bayId] of ['B-17', 'B-18', 'B-19'].entries()) {
    await world.platform.calls.first(({ body }) => body.bayId === bayId)
    if (i > 0) await wechat.messages.first(() => wechat.messages.all.length >= i)
    const reservationId = i === 0 ? `r-${bayId}` : `r-${bayId}-${i + 1}`
    await world.news('reservation-refused', { bayId, reservationId, reason: 'fix-stale' })
  }
  await wechat.messages.first(({ text }) => /B-19 的车锁拒绝了预约（fix-stale）/.test(text?.content ?? ''))
  assert.equal(world.platform.calls.all.length, 3)
})

test('where nothing else is to be had, that is said with why the first one fell through', async (t) => {
  const { wechat, ...world } = await cloudWorld(t)
  await world.say('天安门')
  await world.news('reservation-refused', { reason: 'coordinates-differ' })
  await wechat.messages.first(({ text }) =>
    /B-17 的预约未成（坐标不符）。天安门附近没有空车位/.test(text?.content ?? ''),
  )
})

test('a plan that was due when the cloud died is made when it is back, once', async (t) => {
  const store = await openTestStore()
  const before = await CloudStore.open(store, 'before', NOW)
  const { userRef } = await before.user('o-user', randomUUID())
  const booking = { planId: 'p-1', userRef, bayId: 'B-17', vehicleId: null, correlationId: 'wx-1' }
  const request = {
    bayId: 'B-17',
    location: { latitude: 39.9113, longitude: 116.3913 },
    userRef,
    symbology: 'qr',
  } as const
  await before.beginBooking(
    { ...booking, search: searchAt(gcj02(39.9087, 116.3975), '天安门') },
    request,
    'before',
  )
  await before.confirmBooking('p-1', 'r-1')
  await before.advance('p-1', 'ended')
  await before.askForReplan('p-1', 'coordinates-differ')
  const { wechat, platform } = await cloudWorld(t, { spaces: STREET, store })
  await wechat.messages.first(({ news }) => /已为您预约车位 B-18/.test(news?.articles[0]?.title ?? ''))
  assert.deepEqual(
    platform.calls.all.map(({ body }) => body.bayId),
    ['B-18'],
  )
  assert.deepEqual(await before.dueReplans(), [])
})
