import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { ELSEWHERE, LOCATION, LockTable, newCode, TOMORROW } from './test-lock-table.js'

let t: LockTable

beforeEach(async () => {
  t = await LockTable.open()
})

afterEach(() => t.close())

test('the whole life: reserved, coded, opened, occupied, left, locked again', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  assert.equal(await t.show(code), 'fresh')
  const down = await t.boltIs('down')
  assert.equal((down as { reservationId?: string }).reservationId, 'R-1')
  t.hardware.vehiclePresent = true
  await t.platform.event((e) => e.type === 'occupancy-changed' && e.occupied)
  const from = t.platform.events.length
  t.hardware.vehiclePresent = false
  await t.platform.event((e) => e.type === 'occupancy-changed' && !e.occupied, from)
  await t.boltIs('up', from)
  const types = t.platform.events.map((e) => e.type)
  assert.ok(types.indexOf('reservation-accepted') < types.indexOf('unlock-code-requested'))
  const ended = await t.platform.command({ type: 'cancel', reservationId: 'R-1', reason: 'completed' })
  assert.deepEqual([ended.outcome, ended.bolt, ended.reservationId], ['done', 'up', null])
  assert.equal(await t.show(code), 'used')
  assert.deepEqual(t.hardware.drives, ['down', 'up'])
})

test('coordinates that are not its own are refused, and no code is asked for', async () => {
  await t.platform.command({
    type: 'reserve',
    reservationId: 'R-1',
    location: ELSEWHERE,
    holdUntil: TOMORROW,
  })
  const refusal = t.platform.events.find((e) => e.type === 'reservation-refused')
  assert.equal(refusal?.type === 'reservation-refused' && refusal.reason, 'coordinates-differ')
  assert.ok(!t.platform.events.some((e) => e.type === 'unlock-code-requested'))
})

test('the other reading compares with the reported fix, and survives a restart', async () => {
  const body = { type: 'reserve', reservationId: 'R-1', location: ELSEWHERE, holdUntil: TOMORROW } as const
  await t.platform.command({ type: 'configure', comparatorReading: 'reported' })
  await t.restart(1)
  await t.platform.command({ ...body, reportedFix: { location: ELSEWHERE, ageSeconds: 601 } })
  await t.platform.command({ ...body, reportedFix: { location: ELSEWHERE, ageSeconds: 5 } })
  const outcomes = t.platform.events.flatMap((e) =>
    e.type === 'reservation-refused'
      ? [e.reason]
      : e.type === 'reservation-accepted'
        ? [e.comparatorReading]
        : [],
  )
  assert.deepEqual(outcomes, ['fix-stale', 'reported'])
})

test('a second reservation is refused while the first one holds', async () => {
  await t.platform.command({ type: 'reserve', reservationId: 'R-1', location: LOCATION, holdUntil: TOMORROW })
  const second = await t.platform.command({
    type: 'reserve',
    reservationId: 'R-2',
    location: LOCATION,
    holdUntil: TOMORROW,
  })
  assert.deepEqual([second.reason, second.reservationId], ['another-reservation', 'R-1'])
})

test('foreign, misread, expired and cancelled codes leave the bolt up', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code, '2026-01-01T12:10:00Z')
  assert.equal(await t.show(newCode()), 'foreign')
  assert.equal(await t.show(code.slice(0, 23)), 'misread')
  t.now += 600_000
  assert.equal(await t.show(code), 'expired')
  const next = newCode()
  await t.platform.command({ type: 'unlock-code', reservationId: 'R-1', code: next, validUntil: TOMORROW })
  await t.platform.command({ type: 'cancel', reservationId: 'R-1', reason: 'cancelled' })
  assert.equal(await t.show(next), 'expired')
  assert.deepEqual(t.hardware.drives, [])
})

test('a code that stays in sight has one verdict', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  t.inSight = code
  const from = t.platform.events.length
  for (let i = 0; i < 10; i++) {
    t.frame()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await t.boltIs('down', from)
  assert.equal(t.platform.events.filter((e) => e.type === 'code-scanned').length, 1)
})

test('a code is used up, durably, before anything moves', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  const states: Promise<{ state: string }[]>[] = []
  t.hardware.onDrive = () => states.push(t.store.query<{ state: string }>('SELECT state FROM lock_codes'))
  await t.show(code)
  await t.boltIs('down')
  assert.deepEqual(await Promise.all(states), [[{ state: 'used' }]])
})

test('a lock whose storage fails opens nothing', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  await t.store.execute(
    `CREATE TRIGGER broken BEFORE UPDATE ON lock_codes BEGIN SELECT RAISE(ABORT, 'disk'); END`,
  )
  t.inSight = code
  t.frame()
  while (!t.logged.some((line) => line.includes('turn-failed'))) await new Promise((go) => setImmediate(go))
  await t.store.execute('DROP TRIGGER broken')
  const report = await t.platform.command({ type: 'report', settleHardwareMs: 100 })
  assert.deepEqual([report.bolt, report.moves, t.hardware.drives], ['up', 0, []])
  t.logged = []
})

test('a used code stays used after a restart, and its bay opens to nobody', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  await t.show(code)
  await t.boltIs('down')
  await t.restart(0)
  await t.platform.command({ type: 'sync', reservationId: 'R-1' })
  assert.equal(await t.show(code), 'used')
  assert.deepEqual(t.hardware.drives, [])
  assert.equal(t.platform.statuses.at(-1)?.bootCount, 2)
})

test('a lock that died between the code and the open bolt opens when it is back, while the hold lasts', async () => {
  await t.reserveWithCode('R-1', newCode())
  const die = () => t.store.execute(`UPDATE lock_reservation SET state = 'opening'`)
  await die()
  const from = t.platform.events.length
  await t.restart(1)
  const down = await t.boltIs('down', from)
  assert.equal(down.type === 'bolt-changed' && down.reservationId, 'R-1')
  await die()
  t.now = Date.parse(TOMORROW)
  await t.restart(1)
  const report = await t.platform.command(
    { type: 'report', settleHardwareMs: 500 },
    { expiresAt: '2026-01-03T00:00:00Z' },
  )
  assert.deepEqual([report.bolt, report.moves], ['up', 0])
})

test('a vehicle that left while the lock was off is noticed, and the bolt goes up', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  await t.show(code)
  await t.boltIs('down')
  t.hardware.vehiclePresent = true
  await t.platform.event((e) => e.type === 'occupancy-changed' && e.occupied)
  const from = t.platform.events.length
  await t.restart(0)
  await t.platform.event((e) => e.type === 'occupancy-changed' && !e.occupied, from)
  await t.boltIs('up', from)
})

test('no code is ever kept in the storage', async () => {
  const code = newCode()
  await t.reserveWithCode('R-1', code)
  for (const table of ['lock_settings', 'lock_reservation', 'lock_codes', 'lock_commands', 'lock_outbox']) {
    const rows = await t.store.query(`SELECT * FROM ${table}`)
    assert.ok(!JSON.stringify(rows).includes(code), table)
  }
})
