import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACCOUNT_MENU } from './account-menu.js'
import { cloudWorld } from './fixtures/cloud-world.js'

test('the menu is published at the start, within WeChat’s limits', async (t) => {
  const { wechat, log } = await cloudWorld(t)
  await log.first(({ event }) => event === 'menu-published')
  assert.deepEqual(wechat.menus, [ACCOUNT_MENU])
  for (const button of ACCOUNT_MENU.button) {
    assert.ok(Buffer.byteLength(button.name) <= 16, button.name)
    for (const { name } of 'sub_button' in button ? button.sub_button : []) {
      assert.ok(Buffer.byteLength(name) <= 60, name)
    }
  }
})

test('every button does what its words would', async (t) => {
  const world = await cloudWorld(t)
  assert.match(await world.event('CLICK', 'FIND'), /发送目的地/)
  assert.match(await world.event('CLICK', 'HELP'), /状态 B-17/)
  assert.match(await world.event('CLICK', 'CODE'), /没有预约/)
  assert.match(await world.event('CLICK', 'of an older menu'), /状态 B-17/)
  assert.match(await world.say('预约 B-17', '1'), /已为您预约车位 B-17/)
  assert.match(await world.event('CLICK', 'STATE'), /车位 B-17/)
  assert.match(await world.event('CLICK', 'CANCEL'), /已取消/)
})

test('events to which there is nothing to say are answered with success', async (t) => {
  const world = await cloudWorld(t)
  for (const event of ['LOCATION', 'VIEW', 'TEMPLATESENDJOBFINISH', 'location_select', 'unsubscribe']) {
    assert.equal(await world.event(event), 'success', event)
  }
})

test('a place gives a card that leads to a map', async (t) => {
  const world = await cloudWorld(t)
  const { body } = await world.push(world.textXml('天安门'))
  assert.match(body, /<MsgType><!\[CDATA\[news\]\]>.*<ArticleCount>1<\/ArticleCount>/)
  // the bay of the test in GCJ-02
  assert.match(
    body,
    /https:\/\/uri\.amap\.com\/marker\?position=116\.397\d+%2C39\.912\d+&name=B-17&coordinate=gaode/,
  )
})

test('what was spoken is taken as if it had been typed', async (t) => {
  const world = await cloudWorld(t)
  const voice = world
    .textXml('x')
    .replace(/<MsgType>.*<\/Content>/, '<MsgType>voice</MsgType><Recognition>我要去天安门。</Recognition>')
  assert.match((await world.push(voice)).body, /已为您预约车位 B-17/)
})

test('in English the same is said in English', async (t) => {
  const world = await cloudWorld(t)
  assert.match(await world.say('find parking', '1'), /name of a destination/)
  assert.match(await world.say('reserve B-17', '2'), /Space B-17 is reserved for you/)
  assert.match(await world.event('CLICK', 'STATE'), /Space B-17 .*occupancy: free/s)
  assert.match(await world.say('cancel', '3'), /cancelled/)
})
