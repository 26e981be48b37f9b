import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACCOUNT_MENU } from './account-menu.js'
import { cloudWorld } from './fixtures/cloud-world.js'
import { Inbox } from './fixtures/inbox.js'
import { MENU_PAUSES, publishMenu } from './publish-menu.js'

test('a WeChat that gives no answer does not keep the cloud from its work', async (t) => {
  let answer = () => {}
  const held = new Promise<void>((resolve) => (answer = resolve))
  const world = await cloudWorld(t, { menuHeld: held })
  t.after(answer)
  assert.match(await world.say('预约 B-17', '1'), /已为您预约车位 B-17/)
  assert.deepEqual(world.wechat.menus, [])
  answer()
  await world.log.first(({ event }) => event === 'menu-published')
  assert.deepEqual(world.wechat.menus, [ACCOUNT_MENU])
})

test('a menu that WeChat did not take is offered again, later and later', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const offers = new Inbox<number>()
  const told = new Inbox<{ event: string; againInMs: unknown }>()
  const wechat = {
    createMenu: () => {
      offers.put(offers.all.length + 1)
      return offers.all.length < 13 ? Promise.reject(new Error('no answer')) : Promise.resolve()
    },
  }
  const record = (event: string, fields: Readonly<Record<string, unknown>> = {}) =>
    told.put({ event, againInMs: fields['againInMs'] })
  const publishing = publishMenu(wechat, { record }, 'c-1')
  const pauses: unknown[] = []
  for (let offer = 1; offer < 13; offer++) {
    await offers.first((one) => one === offer)
    await told.first(() => told.all.length >= offer)
    await Promise.resolve()
    const pauseMs = Number(told.all[offer - 1]?.againInMs)
    pauses.push(pauseMs)
    t.mock.timers.tick(pauseMs - 1)
    assert.equal(offers.all.length, offer, 'not before its time')
    t.mock.timers.tick(1)
  }
  await told.first(({ event }) => event === 'menu-published')
  assert.deepEqual(
    pauses,
    pauses.map((_, index) => Math.min(MENU_PAUSES.firstMs * 2 ** index, MENU_PAUSES.longestMs)),
  )
  await publishing.close()
  assert.equal(offers.all.length, 13)
})

test('a cloud that ends does not wait for the next attempt', async () => {
  const told = new Inbox<string>()
  const wechat = { createMenu: () => Promise.reject(new Error('no answer')) }
  const publishing = publishMenu(wechat, { record: (event) => told.put(event) }, 'c-1')
  await told.first(() => true)
  await publishing.close()
  assert.deepEqual(told.all, ['menu-not-published'])
})
