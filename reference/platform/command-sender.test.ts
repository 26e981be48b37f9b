import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestStore } from '../../rigs/conformance/test-store.js'
import { ManualClock } from '../../rigs/simulated/manual-clock/manual-clock.js'
import type { LockCommand } from '../contracts/lock-link.js'
import { migrate } from '../sql/migrate.js'
import { strikeCommand } from './command-outbox.js'
import { CommandSender } from './command-sender.js'
import { loadInventory } from './inventory.js'
import { PLATFORM_MIGRATIONS } from './migrations/platform-migrations.js'
import { postCommand } from './outbox.js'

const START = Date.parse('2026-03-01T08:00:00Z')

test('a lock that is silent about a command gets it again, after waits that grow, until it answers', async (t) => {
  const store = await openTestStore()
  t.after(() => store.close())
  const clock = new ManualClock(START)
  await migrate(store, 'platform', PLATFORM_MIGRATIONS, START)
  const location = { latitude: 31.2, longitude: 121.4 }
  const bay = { bayId: 'B-1', label: 'B-1', lockId: 'L-1', location, pricePerHourFen: 1 }
  await loadInventory(store, [bay], 'edition')
  await store.execute('UPDATE platform_bays SET lock_online = 1')
  const command = {
    id: 'c-1',
    type: 'unlock',
    issuedAt: '2026-03-01T08:00:00.000Z',
    expiresAt: '2026-03-01T09:00:00.000Z',
  } as const
  await store.transaction(async (session) => postCommand(session, 'L-1', command))
  let nowMs = 0
  let asked: string[] = []
  const sent: LockCommand[] = []
  const sender = new CommandSender({
    store,
    clock,
    newId: () => 'stream-1',
    log: { record: () => undefined },
    publish: async (_lockId, each) => void sent.push(each),
    again: (lockId) => void asked.push(lockId),
    monotonicMs: () => nowMs,
  })
  const [message] = await store.query<{ sequence: number; key: string }>(
    'SELECT sequence, lock_id AS key FROM platform_outbox',
  )
  assert.ok(message)
  const isAskedAt = async (ms: number) => {
    nowMs = ms
    asked = []
    await sender.look()
    return asked.length > 0
  }
  await sender.send(message)
  assert.deepEqual([await isAskedAt(2_999), await isAskedAt(3_000)], [false, true])
  await sender.send(message)
  assert.deepEqual([await isAskedAt(8_999), await isAskedAt(9_000)], [false, true])
  assert.deepEqual(sent, [
    { ...command, stream: 'stream-1', sequence: 1 },
    { ...command, stream: 'stream-1', sequence: 1 },
  ])
  await sender.send(message)
  await store.transaction((session) => strikeCommand(session, 'L-1', 'c-1'))
  assert.equal(await isAskedAt(1_000_000), false)
})
