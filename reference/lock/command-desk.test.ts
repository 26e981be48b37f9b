import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { BrokerRefused } from './lock-link.js'
import { startLock } from './start-lock.js'
import { openTablePlatform } from './test-lock.js'
import { LOCATION, LockTable, newCode, TOMORROW } from './test-lock-table.js'

let t: LockTable

beforeEach(async () => {
  t = await LockTable.open()
})

afterEach(() => t.close())

test('a command that a restart interrupts is answered, and moves nothing again', async () => {
  t.hardware.blockedAt = 0
  await t.platform.command({ type: 'unlock' })
  await t.store.execute(`INSERT INTO lock_commands (id, finished) VALUES ('torn', 0)`)
  const from = t.platform.events.length
  await t.restart(0)
  const torn = await t.platform.event((e) => e.type === 'command-result' && e.commandId === 'torn', from)
  assert.equal(torn.type === 'command-result' && torn.reason, 'superseded')
  assert.equal((await t.platform.command({ type: 'lock' }, { id: 'torn' })).reason, 'repeated')
  assert.deepEqual(t.hardware.drives, [])
})

test('a bolt found at neither limit is unknown until the upper one is reached', async () => {
  await t.platform.status((s) => s.bolt === 'up')
  const from = t.platform.events.length
  await t.restart(0.5)
  await t.platform.status((s) => s.online && s.bolt === 'unknown' && s.bootCount === 2)
  await t.boltIs('up', from)
  assert.deepEqual(t.hardware.drives, ['up'])
})

test('a low battery is told once', async () => {
  t.hardware.batteryVolts = 6.8
  await t.platform.event((e) => e.type === 'fault' && e.fault === 'battery-low')
  await t.platform.status((s) => s.fault === 'battery-low' && s.batteryVolts === 6.8 && s.battery === 'low')
})

test('a command moves nothing twice, also across a restart, and nothing after its end of life', async () => {
  const first = await t.platform.command({ type: 'unlock' }, { id: 'once' })
  assert.deepEqual([first.outcome, first.bolt, first.moves], ['done', 'down', 1])
  await t.platform.command({ type: 'lock' })
  const again = await t.platform.command({ type: 'unlock' }, { id: 'once' })
  assert.deepEqual([again.outcome, again.reason, again.bolt], ['refused', 'repeated', 'up'])
  await t.restart(1)
  assert.equal((await t.platform.command({ type: 'unlock' }, { id: 'once' })).reason, 'repeated')
  const late = await t.platform.command({ type: 'unlock' }, { expiresAt: '2026-01-01T12:00:00Z' })
  assert.deepEqual([late.outcome, late.reason, late.bolt], ['refused', 'expired', 'up'])
  assert.deepEqual(t.hardware.drives, [])
})

test('a command that later ones have overtaken moves nothing, also across a restart', async () => {
  const numbered = (sequence: number, stream = 'store-1') => ({ stream, sequence })
  assert.equal((await t.platform.command({ type: 'unlock' }, numbered(3))).outcome, 'done')
  assert.equal((await t.platform.command({ type: 'lock' }, numbered(7))).outcome, 'done')
  const overtaken = await t.platform.command({ type: 'unlock' }, numbered(6))
  assert.deepEqual([overtaken.outcome, overtaken.reason, overtaken.bolt], ['refused', 'out-of-order', 'up'])
  await t.restart(1)
  assert.equal((await t.platform.command({ type: 'unlock' }, numbered(7))).reason, 'out-of-order')
  assert.deepEqual(t.hardware.drives, [])
  // Another store counts from the beginning, and does not make the first one's old commands new.
  assert.equal((await t.platform.command({ type: 'unlock' }, numbered(1, 'store-2'))).outcome, 'done')
  assert.equal((await t.platform.command({ type: 'lock' }, numbered(5))).reason, 'out-of-order')
  const from = t.platform.events.length
  await t.platform.publish(
    JSON.stringify({ id: 'half', issuedAt: TOMORROW, expiresAt: TOMORROW, type: 'lock', sequence: 9 }),
  )
  const half = await t.platform.event((e) => e.type === 'command-result' && e.commandId === 'half', from)
  assert.equal(half.type === 'command-result' && half.reason, 'malformed')
})

test('a lock whose link was cut says again what it said last, but not to a platform that counts anew', async () => {
  const results = (id: string) =>
    t.platform.events.filter((e) => e.type === 'command-result' && e.commandId === id).length
  await t.platform.command({ type: 'report' }, { id: 'first', stream: 'store-1', sequence: 1 })
  const from = t.platform.events.length
  t.platform.cut()
  await t.platform.event((e) => e.type === 'command-result' && e.commandId === 'first', from)
  await t.platform.command({ type: 'report' }, { id: 'second', stream: 'store-2', sequence: 1 })
  const connected = t.platform.statuses.length
  t.platform.cut()
  await t.platform.status((s) => s.online, connected)
  // What it says again stands before what it says anew.
  await t.platform.command({ type: 'report' }, { id: 'third', stream: 'store-2', sequence: 2 })
  assert.deepEqual([results('first'), results('second'), results('third')], [2, 2, 1])
})

test('malformed and retained commands move nothing and harm nothing', async () => {
  await t.platform.publish('{"id":')
  await t.platform.publish('null')
  await t.platform.publish('x'.repeat(20_000))
  await t.platform.publish(JSON.stringify({ id: 'bad', type: 'unlock' }))
  const refused = await t.platform.event((e) => e.type === 'command-result' && e.commandId === 'bad')
  assert.equal(refused.type === 'command-result' && refused.reason, 'malformed')
})

test('a command that the broker had retained is ignored', async () => {
  await t.lock.close()
  await t.platform.close()
  t.platform = await openTablePlatform('L-17')
  const unlock = { id: 'kept', issuedAt: TOMORROW, expiresAt: '2027-01-01T00:00:00Z', type: 'unlock' }
  await t.platform.publish(JSON.stringify(unlock), true)
  t.lock = await t.start()
  const report = await t.platform.command({ type: 'report', settleHardwareMs: 100 })
  assert.deepEqual([report.outcome, report.bolt, report.moves], ['done', 'up', 0])
})

test('the bolt does not rise under a vehicle, and goes up when it has left', async () => {
  await t.platform.command({ type: 'reserve', reservationId: 'R-1', location: LOCATION, holdUntil: TOMORROW })
  await t.platform.command({ type: 'unlock' })
  t.hardware.vehiclePresent = true
  await t.platform.event((e) => e.type === 'occupancy-changed' && e.occupied)
  assert.equal((await t.platform.command({ type: 'lock' })).reason, 'vehicle-present')
  const cancelled = await t.platform.command({ type: 'cancel', reservationId: 'R-1', reason: 'expired' })
  assert.deepEqual([cancelled.outcome, cancelled.bolt], ['done', 'down'])
  const from = t.platform.events.length
  t.hardware.vehiclePresent = false
  await t.boltIs('up', from)
})

test('sync drops what the platform does not know and raises the bolt', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  await t.platform.command({ type: 'unlock' })
  const synced = await t.platform.command({ type: 'sync', reservationId: null })
  assert.deepEqual([synced.outcome, synced.bolt, synced.reservationId], ['done', 'up', null])
  assert.equal(await t.show(code), 'expired')
})

test('a lost board is told before the controller ends', async () => {
  t.hardware.lose('board-reset')
  assert.equal(await t.lock.ended, 'board-reset')
  await t.platform.status((s) => s.bolt === 'unknown' && s.fault === 'board-reset' && s.online)
  await t.platform.event((e) => e.type === 'fault' && e.fault === 'board-reset')
  assert.equal((await t.platform.command({ type: 'unlock' })).reason, 'fault')
})

test('a broker that does not let it in is a named error, and the bolt is let go', async () => {
  const broker = { ...t.platform.broker, url: 'mqtt://127.0.0.1:9' }
  const config = { lockId: 'L-18', bayId: 'B-18', broker }
  const parts = {
    hardware: t.hardware,
    store: t.store,
    clock: t.clock,
    newId: () => 'x',
    log: { record: () => undefined },
  }
  await assert.rejects(startLock(config, parts), BrokerRefused)
})
