import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReadAhead } from './read-ahead.js'
import { SpaceIndex } from './space-index.js'

test('the spaces are read before anybody asks, again and again until the platform answers', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const log: unknown[] = []
  let asked = 0
  const now = async () => {
    if (++asked < 3) throw new Error('away')
    return { index: new SpaceIndex([]), byName: new Map() }
  }
  const ahead = new ReadAhead({ now }, { record: (event) => log.push(event) })
  await ahead.read()
  for (const pauseMs of [500, 1_000]) {
    t.mock.timers.tick(pauseMs - 1)
    const before = asked
    t.mock.timers.tick(1)
    assert.equal(asked, before + 1)
    await new Promise(setImmediate)
  }
  assert.deepEqual(log, ['spaces-not-read-ahead', 'spaces-not-read-ahead', 'spaces-read-ahead'])
  t.mock.timers.tick(60_000)
  assert.equal(asked, 3, 'once is enough')
})

test('one that is closed asks no more', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let asked = 0
  const now = async () => {
    asked++
    throw new Error('away')
  }
  const ahead = new ReadAhead({ now }, { record: () => undefined })
  await ahead.read()
  ahead.close()
  t.mock.timers.tick(60_000)
  assert.equal(asked, 1)
})
