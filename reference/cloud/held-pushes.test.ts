import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { cloudWorld, space } from './fixtures/cloud-world.js'
import { HeldPushes } from './held-pushes.js'

test('no message overtakes the answer that another instance is giving to its user’s push', async (t) => {
  const store = await openTestStore()
  const spaces = [space('B-17'), space('B-18')]
  const { wechat, ...world } = await cloudWorld(t, { store, spaces })
  await world.say('预约 B-17')
  await world.say('预约 B-18', '2', 'o-other')
  await store.execute(
    `INSERT INTO cloud_seen_pushes (push_key, taken_by, openid, held) VALUES ('p-3', 'another', 'o-user', 1)`,
  )
  assert.equal(await world.news('reservation-accepted'), 204)
  const other = { bayId: 'B-18', reservationId: 'r-B-18-2', correlationId: 'wx-2' }
  assert.equal(await world.news('reservation-accepted', other), 204)
  // What was said later, to somebody else, is there first.
  await wechat.messages.first(({ touser }) => touser === 'o-other')
  assert.equal(wechat.messages.all.length, 1)
  await store.execute(`UPDATE cloud_seen_pushes SET held = 0 WHERE push_key = 'p-3'`)
  await wechat.messages.first(({ touser }) => touser === 'o-user')
})

test('a push whose instance has died holds its user’s messages no longer than WeChat waits', async () => {
  let nowMs = 0
  const open = new Map([['p-1', 'o-1']])
  const letGo: string[] = []
  const held = new HeldPushes({
    store: {
      pushesHeldElsewhere: async () => [...open].map(([key, openid]) => ({ key, openid })),
      letPushGo: async (key) => {
        letGo.push(key)
        open.delete(key)
      },
    },
    log: { record: () => undefined },
    monotonicMs: () => nowMs,
  })
  const holds: { readonly openid: string; readonly until: Promise<void> }[] = []
  const look = () => held.look((openid, until) => void holds.push({ openid, until }))
  await look()
  nowMs = 4_999
  await look()
  assert.deepEqual([holds.map(({ openid }) => openid), held.any, letGo], [['o-1'], true, []])
  nowMs = 5_000
  await look()
  await holds[0]?.until
  assert.deepEqual([held.any, letGo], [false, ['p-1']])
})
