import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { PlatformCore } from '../../rigs/conformance/platform/platform-core.js'
import { ManualClock } from '../../rigs/simulated/manual-clock/manual-clock.js'
import { addToInventory, loadInventory } from './inventory.js'
import type { Space } from '../contracts/platform-api.js'
import { spacesAfter } from './space-list.js'

const item = (bayId: string, changes: object = {}) => ({
  bayId,
  label: bayId,
  lockId: `L-${bayId}`,
  location: { latitude: 31.23, longitude: 121.47 },
  pricePerHourFen: 500,
  ...changes,
})

async function core() {
  const store = await openTestStore()
  const started = await PlatformCore.start(
    store,
    new ManualClock(0),
    ['B-1', 'B-2', 'B-3'],
    randomUUID,
    randomInt,
  )
  const ask = async (after?: string) => {
    const { spaces, cursor = '', changesOnly = false } = await spacesAfter(store, after)
    const all: Space[] = []
    for await (const page of Symbol.asyncIterator in spaces ? spaces : [spaces]) all.push(...page)
    return { bays: all.map(({ bayId }) => bayId), cursor, changesOnly }
  }
  const page = async (limit: number, after?: string) => {
    const answer = await spacesAfter(store, after, limit)
    assert.ok(!(Symbol.asyncIterator in answer.spaces))
    const { spaces, cursor = '', more = false, continued = false, changesOnly = false } = answer
    return { bays: spaces.map(({ bayId }) => bayId), cursor, more, continued, changesOnly }
  }
  return { store, core: started, ask, page }
}

test('what changed on any axis since a cursor is told, and nothing else', async (t) => {
  const { store, core: platform, ask } = await core()
  t.after(() => store.close())
  const first = await ask()
  assert.deepEqual([first.bays, first.changesOnly], [['B-1', 'B-2', 'B-3'], false])
  assert.deepEqual(await ask(first.cursor), { bays: [], cursor: first.cursor, changesOnly: true })
  await platform.status('B-2', { online: true, bolt: 'up', bootCount: 1, occupied: false })
  const second = await ask(first.cursor)
  assert.deepEqual([second.bays, second.changesOnly], [['B-2'], true])
  await platform.reservations.reserve({
    request: {
      bayId: 'B-2',
      location: { latitude: 31.23, longitude: 121.47 },
      userRef: 'u',
      symbology: 'qr',
    },
    idempotencyKey: 'k',
  })
  await platform.service.set('B-3', false, undefined)
  assert.deepEqual((await ask(second.cursor)).bays.sort(), ['B-2', 'B-3'])
})

test('a cursor of another inventory, of another store, or of nobody is answered with everything', async (t) => {
  const { store, ask } = await core()
  t.after(() => store.close())
  const { cursor } = await ask()
  const [edition = ''] = cursor.split('.')
  for (const other of ['', 'x', 'another.0', `${edition}.999999`, "'; DROP TABLE platform_bays; --"]) {
    assert.equal((await ask(other)).changesOnly, false, other)
  }
  const bays = ['B-1', 'B-2', 'B-3'].map((bay) => ({ ...item(bay) }))
  await loadInventory(store, bays, 'same')
  assert.equal((await ask(cursor)).changesOnly, true, 'the same inventory again')
  await loadInventory(store, bays.slice(1), 'fewer')
  const fewer = await ask(cursor)
  assert.deepEqual([fewer.bays, fewer.changesOnly], [['B-2', 'B-3'], false])
  assert.equal(await addToInventory(store, [item('B-2', { pricePerHourFen: 501 }), item('B-3')], 'dearer'), 1)
  assert.equal((await ask(fewer.cursor)).changesOnly, false)
})

test('a list by the page is whole, and what changes while it is read is told after its end', async (t) => {
  const { store, core: platform, page } = await core()
  t.after(() => store.close())
  const first = await page(2)
  assert.deepEqual([first.bays, first.more, first.continued], [['B-1', 'B-2'], true, false])
  await platform.service.set('B-1', false, undefined)
  const second = await page(2, first.cursor)
  assert.deepEqual([second.bays, second.more, second.continued], [['B-3'], false, true])
  const changes = await page(2, second.cursor)
  assert.deepEqual([changes.bays, changes.changesOnly, changes.more], [['B-1'], true, false])
  // As many as a page holds: whether there are more is known only when they are asked for.
  const exact = await page(3)
  assert.deepEqual([exact.bays.length, exact.more], [3, true])
  const end = await page(3, exact.cursor)
  assert.deepEqual([end.bays, end.more, end.continued], [[], false, true])
})

test('a list begins anew when the inventory changes between two pages', async (t) => {
  const { store, page } = await core()
  t.after(() => store.close())
  const first = await page(2)
  await addToInventory(store, [item('A-1')], 'more')
  const anew = await page(2, first.cursor)
  assert.deepEqual([anew.bays, anew.more, anew.continued], [['A-1', 'B-1'], true, false])
})

test('more changes than a page holds are told in the order in which they came about', async (t) => {
  const { store, core: platform, page } = await core()
  t.after(() => store.close())
  let { cursor } = await page(100)
  for (const bay of ['B-3', 'B-3', 'B-1', 'B-2']) {
    await platform.status(bay, { online: true, bolt: 'up', bootCount: 1, occupied: bay !== 'B-2' })
  }
  const told: string[][] = []
  for (let more = true; more;) {
    const changes = await page(2, cursor)
    assert.ok(changes.changesOnly && changes.bays.length <= 2)
    told.push(changes.bays)
    ;({ cursor, more } = changes)
  }
  assert.deepEqual(new Set(told[0]), new Set(['B-3']))
  assert.deepEqual(new Set(told.flat()), new Set(['B-1', 'B-2', 'B-3']))
  assert.deepEqual((await page(2, cursor)).bays, [])
})
