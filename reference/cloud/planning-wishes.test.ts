import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudWorld, space } from './fixtures/cloud-world.js'
import { readPlanningWishes } from './planning-wishes.js'
import { readUserCommand } from './user-command.js'

test('wishes are read in both languages, and a place alone has none', () => {
  const readings: [string, unknown][] = [
    ['北京西站', {}],
    ['北京西站 快充 5元以内 步行500米', { charger: 'dc', maxPricePerHourFen: 500, maxWalkMetres: 500 }],
    ['国贸 充电桩 不超过 7.5 元/小时', { charger: 'any', maxPricePerHourFen: 750 }],
    ['国贸 慢充 1公里内', { charger: 'ac', maxWalkMetres: 1_000 }],
    [
      'Beijing West, fast charging, under 5 yuan, within 500 m',
      { charger: 'dc', maxPricePerHourFen: 500, maxWalkMetres: 500 },
    ],
    ['Guomao with charger within 9 km', { charger: 'any', maxWalkMetres: 5_000 }],
  ]
  for (const [text, wishes] of readings) assert.deepEqual(readPlanningWishes(text), wishes, text)
})

test('the size of a car is read, and taken back', () => {
  const size = { lengthMetres: 4.9, widthMetres: 1.9, heightMetres: 1.65 }
  for (const text of ['我的车 4.9x1.9x1.65', 'my car is 4.9 × 1.9 × 1.65 m', '我的车4.9米*1.9米*1.65米']) {
    assert.deepEqual(readUserCommand(text), { kind: 'vehicle-size', size }, text)
  }
  assert.deepEqual(readUserCommand('my car any'), { kind: 'vehicle-size', size: undefined })
})

test('the account plans by the wishes, gives its reason, and says which wish no space meets', async (t) => {
  const world = await cloudWorld(t, {
    spaces: [
      space('B-1', 39.9113, { pricePerHourFen: 2_000 }),
      space('B-2', 39.9116, { charger: { kind: 'dc', powerKilowatts: 120 } }),
      space('B-3', 39.912),
    ],
  })
  assert.match(
    await world.say('天安门 10元以内', '1'),
    /B-3.*理由：最近的空位 B-2 有充电桩，.*只多走 \d+ 米/s,
  )
  await world.say('取消', '2')
  world.platform.snatched.clear()
  assert.match(
    await world.say('Tiananmen, fast charging', '3'),
    /Space B-2 .*DC charger, 120 kW\. Why: the only free space/s,
  )
  await world.say('cancel', '4')
  world.platform.snatched.clear()
  assert.match(await world.say('Tiananmen', '5'), /Why: 15 yuan an hour less than the nearest, B-1/)
  assert.match(await world.say('天安门 1元以内', '6', 'o-b'), /没有符合条件的空车位：3 个超过价格上限/)
  assert.match(
    await world.say('Tiananmen slow charging', '7', 'o-b'),
    /3 lack the charger\. Ask for less, or try another/,
  )
})

test('a car that is too large for every bay is told so, until its size is taken back', async (t) => {
  const world = await cloudWorld(t)
  assert.match(await world.say('我的车 6.2x2.1x2.6', '1'), /6.2×2.1×2.6 米/)
  assert.match(await world.say('天安门', '2'), /1 个停不下您的车/)
  await world.say('我的车 不限', '3')
  assert.match(await world.say('天安门', '4'), /已为您预约车位 B-17/)
})
