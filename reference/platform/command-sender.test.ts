import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
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
const COMMAND = {
  type: 'unlock',
  issuedAt: '2026-03-01T08:00:00.000Z',
  expiresAt: '2026-03-01T09:00:00.000Z',
} as const

/** A sender of one command each to some locks, all of which are there. */
async function senderTo(t: TestContext, lockIds: readonly string[]) {
  const store = await openTestStore()
  t.after(() => store.close())
  await migrate(store, 'platform', PLATFORM_MIGRATIONS, START)
  const location = { latitude: 31.2, longitude: 121.4 }
  const bays = lockIds.map((lockId) => ({
    bayId: `B-${lockId}`,
    label: lockId,
    lockId,
    location,
    pricePerHourFen: 1,
  }))
  await loadInventory(store, bays, 'edition')
  await store.execute('UPDATE platform_bays SET lock_online = 1')
  await store.transaction(async (session) => {
    for (const lockId of lockIds) postCommand(session, lockId, { ...COMMAND, id: `c-${lockId}` })
  })
  let nowMs = 0
  let asked: string[] = []
  const sent: LockCommand[] = []
  const sender = new CommandSender({
    store,
    clock: new ManualClock(START),
    newId: () => 'stream-1',
    log: { record: () => undefined },
    publish: async (_lockId, each) => void sent.push(each),
    again: (lockId) => void asked.push(lockId),
    monotonicMs: () => nowMs,
  })
  const messages = await store.query<{ sequence: number; key: string }>(
    'SELECT sequence, lock_id AS key FROM platform_outbox ORDER BY sequence',
  )
  /** Which locks are to hear their commands again. */
  const askedAt = async (ms: number) => {
    nowMs = ms
    asked = []
    await sender.look()
    return asked
  }
  return { store, sender, sent, messages, askedAt }
}

test('a lock that is silent about a command gets it again, after waits that grow, until it answers', async (t) => {
  const { store, sender, sent, messages, askedAt } = await senderTo(t, ['L-1'])
  const [message] = messages
  assert.ok(message)
  await sender.send(message)
  assert.deepEqual([await askedAt(2_999), await askedAt(3_000)], [[], ['L-1']])
  await sender.send(message)
  assert.deepEqual([await askedAt(8_999), await askedAt(9_000)], [[], ['L-1']])
  const command = { ...COMMAND, id: 'c-L-1', stream: 'stream-1', sequence: 1 }
  assert.deepEqual(sent, [command, command])
  await sender.send(message)
  await store.transaction((session) => strikeCommand(session, 'L-1', 'c-L-1'))
  assert.deepEqual(await askedAt(1_000_000), [])
})

test('locks that have gone are not asked about until they are back, and hold up no other', async (t) => {
  const gone = Array.from({ length: 120 }, (_, n) => `L-gone-${n}`)
  const { store, sender, messages, askedAt } = await senderTo(t, [...gone, 'L-there'])
  for (const message of messages) await sender.send(message)
  await store.execute(`UPDATE platform_bays SET lock_online = 0 WHERE lock_id <> 'L-there'`)
  const turns: string[][] = []
  for (let look = 0; look < 3; look++) {
    const asked = await askedAt(3_000)
    turns.push(asked)
    for (const message of messages) if (asked.includes(message.key)) await sender.send(message)
  }
  assert.ok(turns[1]?.includes('L-there'), 'it had to wait for those who are gone')
  assert.deepEqual(turns[2], [])
})
