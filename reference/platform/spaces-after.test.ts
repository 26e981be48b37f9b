import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { PlatformCore } from '../../rigs/conformance/platform/platform-core.js'
import { ManualClock } from '../../rigs/simulated/manual-clock/manual-clock.js'
import { addToInventory, loadInventory } from './inventory.js'
import { spacesAfter } from './spaces.js'

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
    return { bays: spaces.map(({ bayId }) => bayId), cursor, changesOnly }
  }
  return { store, core: started, ask }
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
