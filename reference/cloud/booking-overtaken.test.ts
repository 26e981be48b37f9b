import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import type { SqlSession, SqlStore } from '../ports/sql-store.js'
import { cloudWorld, space } from './fixtures/cloud-world.js'

const CODE = '112345678901234567890178'

/** A store in whose reading the test can have something happen: after the next query that it asks for. */
async function watchedStore() {
  const store = await openTestStore()
  let due: { readonly part: string; readonly act: (session: SqlSession) => Promise<unknown> } | undefined
  const watched = <Session extends SqlSession>(session: Session): Session =>
    new Proxy(session, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        if (name !== 'query') return value.bind(target) as unknown
        return async (sql: string, params: []) => {
          const rows = await target.query(sql, params)
          if (due && sql.includes(due.part)) {
            const { act } = due
            due = undefined
            await act(target)
          }
          return rows
        }
      },
    })
  const outer = watched(store)
  const watching: SqlStore = {
    execute: (sql, params) => outer.execute(sql, params),
    query: (sql, params) => outer.query(sql, params),
    transaction: (work) => store.transaction((session) => work(watched(session))),
    close: () => store.close(),
  }
  return {
    store: watching,
    afterQuery: (part: string, act: (session: SqlSession) => Promise<unknown>) => (due = { part, act }),
    isDone: () => due === undefined,
  }
}

test('answers that come too late end no booking that the platform’s news have confirmed', async (t) => {
  const { wechat, platform, ...world } = await cloudWorld(t, { spaces: [space('B-17'), space('B-18')] })
  await world.follow('car-1')
  const release = platform.holdBack('reserving')
  const asked = world.say('预约 B-17', '1')
  await platform.calls.first(() => true)
  assert.equal(await world.news('reservation-accepted'), 204)
  assert.equal(await world.news('code-issued', { code: CODE, symbology: 'qr' }), 204)
  platform.loseAnswers()
  release()
  assert.match(await asked, /已为您预约车位 B-17/)
  assert.equal(platform.calls.all.length, 2)
  assert.match(await world.say('我的码', '2'), /正在发送/)
  assert.match(await world.say('预约 B-18', '3'), /您已预约车位 B-17/)
  assert.equal(await world.news('bay-unlocked'), 204)
  await wechat.messages.first(({ text }) => /已开锁/.test(text?.content ?? ''))
  await world.commands.first(({ command }) => command.state === 'unlocked')
  assert.ok(!world.commands.all.some(({ command }) => command.state === 'refused'))
})

test('nor does a refusal, when another answer to the same booking was better', async (t) => {
  const { platform, ...world } = await cloudWorld(t, { spaces: [space('B-17'), space('B-18')] })
  const release = platform.holdBack('reserving')
  const asked = world.say('天安门', '1')
  await platform.calls.first(() => true)
  await world.news('reservation-accepted')
  platform.snatched.add('B-17')
  release()
  assert.match(await asked, /已为您预约车位 B-17/)
  assert.match(await world.say('取消', '2'), /已取消/)
  assert.deepEqual(platform.cancelled, ['r-B-17'])
})

test('who cancels while the platform is answering gets no other bay when it refuses', async (t) => {
  const { platform, ...world } = await cloudWorld(t, { spaces: [space('B-17'), space('B-18', 39.9133)] })
  const release = platform.holdBack('reserving')
  const asked = world.say('天安门', '1')
  await platform.calls.first(() => true)
  assert.match(await world.say('取消', '2'), /已取消/)
  platform.snatched.add('B-17')
  release()
  assert.match(await asked, /B-17 的预约已取消/)
  assert.equal(platform.calls.all.length, 1)
})

test('a hold whose id came after its user had cancelled is given back by the news, when the answer could not', async (t) => {
  const { platform, ...world } = await cloudWorld(t)
  const release = platform.holdBack('reserving')
  const asked = world.say('天安门', '1')
  await platform.calls.first(() => true)
  assert.match(await world.say('取消', '2'), /已取消/)
  platform.failCancels(1)
  release()
  await asked
  assert.deepEqual(platform.cancelled, [])
  assert.equal(await world.news('reservation-accepted'), 204)
  assert.deepEqual(platform.cancelled, ['r-B-17'])
})

test('news of a hold that cannot be given back are not kept: they come again until it can', async (t) => {
  const { platform, ...world } = await cloudWorld(t)
  platform.loseAnswers()
  assert.match(await world.say('天安门', '1'), /没有响应/)
  const accepted = () => world.news('reservation-accepted', { eventId: 'told', reservationId: 'r-late' })
  platform.failCancels(1)
  assert.equal(await accepted(), 500)
  assert.ok(world.log.all.some(({ event }) => event === 'orphan-not-given-back'))
  assert.equal(await accepted(), 204)
  assert.equal(await accepted(), 204)
  assert.deepEqual(platform.cancelled, ['r-late'])
})

test('a booking that is given up while its news are being taken is given back', async (t) => {
  const watched = await watchedStore()
  const { platform, ...world } = await cloudWorld(t, { store: watched.store })
  const release = platform.holdBack('reserving')
  const asked = world.say('天安门', '1')
  await platform.calls.first(() => true)
  // As another instance does it, on a store whose transactions see what others commit meanwhile.
  watched.afterQuery('WHERE reservation_id = ?', (session) =>
    session.execute('UPDATE cloud_reservations SET active = 0, progress = 6'),
  )
  await world.news('reservation-accepted')
  assert.ok(watched.isDone())
  assert.deepEqual(platform.cancelled, ['r-B-17'])
  release()
  await asked
})

test('a cancellation that the news of the id overtake cancels at the platform too', async (t) => {
  const watched = await watchedStore()
  const { platform, ...world } = await cloudWorld(t, { store: watched.store })
  const release = platform.holdBack('reserving')
  const asked = world.say('天安门', '1')
  await platform.calls.first(() => true)
  watched.afterQuery('WHERE user_ref = ? AND active = 1', () => world.news('reservation-accepted'))
  assert.match(await world.say('取消', '2'), /已取消/)
  assert.ok(watched.isDone())
  assert.deepEqual(platform.cancelled, ['r-B-17'])
  platform.loseAnswers()
  release()
  await asked
})
